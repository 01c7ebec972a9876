"""A compact Dynamo after DeCandia et al., SOSP 2007: the store that Schism tests first."""
