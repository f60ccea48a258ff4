package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/workflows"
)

// searchAttributes are those that the workflows set.
func searchAttributes() []temporal.SearchAttributeKey {
	return []temporal.SearchAttributeKey{
		workflows.AttributeOrganisation, workflows.AttributeConnection, workflows.AttributeTrigger,
		workflows.AttributeOutcome, workflows.AttributeStage, workflows.AttributePeriod,
		workflows.AttributeSpecHash, workflows.AttributeNeedsAttention, workflows.AttributeDueAt,
	}
}

// missingSearchAttributes names those that the namespace lacks. One that exists
// with another type is an error: the workflows' tasks would fail on it.
func missingSearchAttributes(
	ctx context.Context, c client.Client, namespace string,
) (map[string]enumspb.IndexedValueType, error) {
	have, err := c.OperatorService().ListSearchAttributes(ctx,
		&operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("list the search attributes of namespace %s: %w", namespace, err)
	}
	missing := make(map[string]enumspb.IndexedValueType)
	for _, key := range searchAttributes() {
		kind, known := have.GetCustomAttributes()[key.GetName()]
		switch {
		case !known:
			missing[key.GetName()] = key.GetValueType()
		case kind != key.GetValueType():
			return nil, fmt.Errorf("search attribute %s of namespace %s is a %s and must be a %s; remove it, then run: starter migrate",
				key.GetName(), namespace, kind, key.GetValueType())
		}
	}
	return missing, nil
}

// attributeWait bounds how long a new search attribute takes to be known
// everywhere: the server caches them for up to a minute.
const attributeWait = 90 * time.Second

// registerSearchAttributes adds those that the namespace lacks, waits until they are
// known, and returns their names. It changes nothing where none is missing.
func registerSearchAttributes(ctx context.Context, c client.Client, namespace string) ([]string, error) {
	missing, err := missingSearchAttributes(ctx, c, namespace)
	if err != nil || len(missing) == 0 {
		return nil, err
	}
	names := make([]string, 0, len(missing))
	for name := range missing {
		names = append(names, name)
	}
	slices.Sort(names)
	_, err = c.OperatorService().AddSearchAttributes(ctx,
		&operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
	if err != nil {
		return nil, fmt.Errorf("add the search attributes %v to namespace %s: %w", names, namespace, err)
	}
	return names, waitForSearchAttributes(ctx, c, namespace)
}

// waitForSearchAttributes asks a question that uses all of them until it is
// understood: listing them shows what is stored, not what the server has loaded.
func waitForSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	ctx, cancel := context.WithTimeout(ctx, attributeWait)
	defer cancel()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		_, problem := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: namespace, Query: useOfAttributes(),
		})
		if problem == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the new search attributes are not known after %s: %w; run: starter migrate", attributeWait, problem)
		case <-ticker.C:
		}
	}
}

func useOfAttributes() string {
	uses := make([]string, 0, len(searchAttributes()))
	for _, key := range searchAttributes() {
		uses = append(uses, "`"+key.GetName()+"` is null") // quoted: trigger is a word of SQL
	}
	return strings.Join(uses, " and ")
}
