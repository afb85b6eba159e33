package main

import (
	"sort"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// What the server estimates an expression to cost at most.
type estimate struct {
	Field string `json:"field"`
	// Of one evaluation.
	Once uint64 `json:"once"`
	// How often it may be evaluated for one resource; none of a message.
	Times *uint64 `json:"times,omitempty"`
}

// The estimates of all expressions of a definition, in its versions' order. Of one with other errors the server makes
// only those of schemas without any; schemas that it never compiles may end this, as they would the server.
func estimatesOf(crd *apiextensions.CustomResourceDefinition) (found []estimate) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	spec := field.NewPath("spec")
	if shared := crd.Spec.Validation; shared != nil {
		found = append(found, estimatesOfSchema(shared, spec.Child("validation"))...)
	}
	for i, version := range crd.Spec.Versions {
		if version.Schema != nil {
			found = append(found, estimatesOfSchema(version.Schema, spec.Child("versions").Index(i).Child("schema"))...)
		}
	}
	return found
}

func estimatesOfSchema(validation *apiextensions.CustomResourceValidation, at *field.Path) []estimate {
	schema := validation.OpenAPIV3Schema
	if schema == nil {
		return nil
	}
	return estimatesBelow(schema, crdvalidation.RootCELContext(schema), at.Child("openAPIV3Schema"))
}

func estimatesBelow(schema *apiextensions.JSONSchemaProps, context *crdvalidation.CELSchemaContext, at *field.Path) []estimate {
	var found []estimate
	if values := schema.AdditionalProperties; values != nil && values.Schema != nil {
		below := context.ChildAdditionalPropertiesContext(values.Schema)
		found = append(found, estimatesBelow(values.Schema, below, at.Child("additionalProperties"))...)
	}
	var names []string
	for name := range schema.Properties {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		property := schema.Properties[name]
		below := context.ChildPropertyContext(&property, name)
		found = append(found, estimatesBelow(&property, below, at.Child("properties").Key(name))...)
	}
	if items := schema.Items; items != nil && items.Schema != nil {
		found = append(found, estimatesBelow(items.Schema, context.ChildItemsContext(items.Schema), at.Child("items"))...)
	}
	if len(schema.XValidations) == 0 {
		return found
	}
	return append(found, estimatesHere(context, at.Child("x-kubernetes-validations"))...)
}

func estimatesHere(context *crdvalidation.CELSchemaContext, at *field.Path) []estimate {
	info, err := context.TypeInfo()
	if err != nil || info == nil {
		return nil
	}
	base := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	compiled, err := cel.Compile(info.Schema, info.DeclType, celconfig.PerCallLimit, base, cel.NewExpressionsEnvLoader())
	if err != nil {
		return nil
	}
	var found []estimate
	for i, result := range compiled {
		if result.Error != nil || result.Program == nil {
			continue
		}
		times := result.MaxCardinality
		if context.MaxCardinality != nil {
			times = *context.MaxCardinality
		}
		found = append(found, estimate{Field: at.Index(i).Child("rule").String(), Once: result.MaxCost, Times: &times})
		if result.MessageExpression != nil {
			message := at.Index(i).Child("messageExpression").String()
			found = append(found, estimate{Field: message, Once: result.MessageExpressionMaxCost})
		}
	}
	return found
}
