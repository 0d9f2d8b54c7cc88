# The wheel is built in one image and installed in another, which has no compiler and
# no source, with the versions that CI has tested. Nothing is fetched when the container
# starts.
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE .ci/constraints.txt ./
COPY emulator emulator
COPY specs specs
COPY fixtures fixtures
RUN python -m venv /opt/emulator \
 && /opt/emulator/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt ".[jwt,tls,viewer]" \
 && /opt/emulator/bin/pip uninstall --quiet --yes pip \
 && EMULATOR_CACHE_DIR=/opt/emulator/cache /opt/emulator/bin/emulator providers \
 && chmod -R a+rX /opt/emulator/cache

FROM python:3.12-slim
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="provider-emulator" \
      org.opencontainers.image.description="Stands in for somebody else's HTTP API, for tests of clients" \
      org.opencontainers.image.source="https://github.com/provider-emulator/emulator" \
      org.opencontainers.image.documentation="https://github.com/provider-emulator/emulator/blob/main/docs/how-to/run-the-image.md" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/emulator /opt/emulator
# Providers, OpenAPI documents and records of your own are mounted here.
RUN mkdir -m 755 /specs /fixtures
ENV PATH=/opt/emulator/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    EMULATOR_HOST=0.0.0.0 \
    EMULATOR_MOUNTS=/ \
    EMULATOR_CACHE_DIR=/opt/emulator/cache
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=2s --timeout=3s --start-period=15s --retries=3 \
  CMD ["emulator", "doctor", "--ready"]
ENTRYPOINT ["emulator"]
CMD ["serve"]
