# What the stand-ins and, in the test, our own images are made on.
FROM debian:12.11-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-17-jre-headless openssl python3-venv \
    && rm -rf /var/lib/apt/lists/*
