"""The pages: a run's and a campaign's, from the model and the drawings, as one HTML file each."""
