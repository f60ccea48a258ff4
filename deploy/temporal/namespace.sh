#!/bin/sh
# Creates the namespace once the server answers. It may be repeated. The search
# attributes are registered by "starter migrate", which knows their names.
set -eu

attempts=30
until temporal operator cluster health; do
	attempts=$((attempts - 1))
	if [ "$attempts" -le 0 ]; then
		echo "namespace: the server does not answer at $TEMPORAL_ADDRESS" >&2
		exit 1
	fi
	sleep 2
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
	echo "namespace: $TEMPORAL_NAMESPACE exists"
else
	temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$NAMESPACE_RETENTION"
fi
