"""How is it shown? The few operations around a violation, as chains of reasons and as graphs."""
