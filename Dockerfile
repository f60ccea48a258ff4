# syntax=docker/dockerfile:1

# One file for all of our processes. Targets: worker, and starter, which is also the
# API, the sandbox and the migration.

FROM --platform=$BUILDPLATFORM golang:1.26.8 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH
# Static, so that they run on any base. The time zones are in them already: the
# packages that need them import time/tzdata.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags '-s -w' -o /out/ ./worker ./starter

# Alpine rather than nothing: its wget is what the health checks ask with, and it has
# the certificates that calls to Connexie need.
FROM alpine:3.22 AS base
USER 65532:65532
WORKDIR /

FROM base AS worker
COPY --from=build /out/worker /usr/local/bin/worker
ENV METRICS_ADDR=:9464
# Health, readiness and metrics.
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9464/readyz"]
ENTRYPOINT ["worker"]

FROM base AS starter
COPY --from=build /out/starter /usr/local/bin/starter
ENV HTTP_ADDR=:8088
# API and console; the sandbox.
EXPOSE 8088 8085
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8088/healthz"]
ENTRYPOINT ["starter"]
CMD ["serve"]
