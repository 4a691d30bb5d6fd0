"""Where the stages of the pipeline run: on this machine (`local`)."""
