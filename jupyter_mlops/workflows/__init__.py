"""Functions become pipelines: a DAG of steps, its three equal forms, and the order in which its steps may run. No I/O."""
