# Airflow with our provider and DAGs, each package from airflow/requirements.lock by its hash. Context: the project's folder.
#
#   docker build -f deploy/images/airflow.Dockerfile -t tributary/airflow .
#
# Where a build has no network, WHEELS names an image with the packages at /wheels, and OFFLINE is --no-index.
ARG BASE_IMAGE=python:3.12.11-slim-bookworm
ARG WHEELS=no-wheels

FROM ${BASE_IMAGE} AS no-wheels
RUN mkdir /wheels

FROM ${WHEELS} AS wheels

FROM ${BASE_IMAGE} AS build
ARG OFFLINE=""
WORKDIR /build
COPY airflow/requirements.lock airflow/installer.lock ./
COPY airflow/provider provider
# the lock also has what the tests need; none of that is large
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels --mount=type=cache,target=/root/.cache \
    python3 -m venv /opt/airflow/venv \
    && /opt/airflow/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check ${OFFLINE} --find-links /wheels \
        --require-hashes -r installer.lock \
    && uv="/opt/airflow/venv/bin/uv pip install --python /opt/airflow/venv/bin/python --link-mode copy ${OFFLINE} --find-links /wheels" \
    && $uv --require-hashes -r requirements.lock \
    && $uv --no-deps --no-build-isolation ./provider \
    && /opt/airflow/venv/bin/uv pip uninstall --python /opt/airflow/venv/bin/python uv

FROM ${BASE_IMAGE}
ARG UID=10001
RUN useradd --no-log-init --non-unique --uid "$UID" --user-group --no-create-home --home-dir /tmp airflow \
    && install -d -o airflow -g airflow /var/lib/airflow /var/lib/airflow/logs
COPY --from=build /opt/airflow/venv /opt/airflow/venv
COPY --chmod=644 airflow/prepare.py airflow/metrics.py deploy/images/healthy.py /opt/airflow/
COPY --chmod=755 deploy/images/airflow-entrypoint /opt/airflow/entrypoint
COPY airflow/dags /opt/airflow/dags
# MALLOC_ARENA_MAX: glibc would keep memory by thread
ENV PATH=/opt/airflow/venv/bin:$PATH \
    AIRFLOW_HOME=/tmp/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/airflow/dags \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/var/lib/airflow/logs \
    MALLOC_ARENA_MAX=2 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER ${UID}
WORKDIR /tmp
LABEL org.opencontainers.image.title="tributary/airflow" \
      org.opencontainers.image.description="Airflow with Tributary's provider and DAGs." \
      org.opencontainers.image.vendor="Tributary" \
      org.opencontainers.image.licenses="Apache-2.0"
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=8s --start-period=60s --retries=6 CMD ["python", "/opt/airflow/healthy.py", "metadatabase"]
ENTRYPOINT ["/opt/airflow/entrypoint"]
CMD ["airflow", "api-server"]
