"""The web application around the three modalities: pages, recordings, answers, jobs and charts."""
