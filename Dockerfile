# The wheel is built in one image and installed in another, which has no compiler and
# no source. Nothing is fetched when the container starts.
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY emulator emulator
COPY specs specs
COPY fixtures fixtures
RUN python -m venv /opt/emulator \
 && /opt/emulator/bin/pip install --no-cache-dir --disable-pip-version-check ".[jwt,viewer]" \
 && EMULATOR_CACHE_DIR=/opt/emulator/cache /opt/emulator/bin/emulator providers \
 && chmod -R a+rX /opt/emulator/cache

FROM python:3.12-slim
COPY --from=build /opt/emulator /opt/emulator
ENV PATH=/opt/emulator/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    EMULATOR_HOST=0.0.0.0 \
    EMULATOR_CACHE_DIR=/opt/emulator/cache
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
  CMD ["emulator", "doctor", "--ready"]
ENTRYPOINT ["emulator"]
CMD ["serve"]
