package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apihelpers"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	schemaobjectmeta "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/crdserverscheme"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	strictjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// A kind at one version, as the server serves it.
type kind struct {
	gvk        schema.GroupVersionKind
	namespaced bool
	structural *structuralschema.Structural
	strategy   strategy
	// Of the status, if it has a subresource.
	status rest.RESTUpdateStrategy
}

type strategy interface {
	rest.RESTCreateStrategy
	rest.RESTUpdateStrategy
}

type apiServer struct {
	kinds map[string]*kind
}

// Decodes, defaults and converts a definition as the server does on create.
func readCrd(from document) (*apiextensionsv1.CustomResourceDefinition, *apiextensions.CustomResourceDefinition, error) {
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(from.text, crd); err != nil {
		return nil, nil, err
	}
	apiextensionsv1.SetObjectDefaults_CustomResourceDefinition(crd)
	internal := &apiextensions.CustomResourceDefinition{}
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(crd, internal, nil); err != nil {
		return nil, nil, err
	}
	// What the registry's PrepareForCreate sets.
	internal.Status = apiextensions.CustomResourceDefinitionStatus{}
	for _, version := range internal.Spec.Versions {
		if version.Storage {
			internal.Status.StoredVersions = append(internal.Status.StoredVersions, version.Name)
		}
	}
	return crd, internal, nil
}

func judgeCrd(from document, estimates bool) (reply answer) {
	// Selectable fields beside a schema that cannot be made structural: the server ends the request.
	defer func() {
		if reason := recover(); reason != nil {
			reply = answer{ID: from.name, Failed: fmt.Sprintf("panic: %v", reason)}
		}
	}()
	_, internal, err := readCrd(from)
	if err != nil {
		return answer{ID: from.name, Failed: err.Error()}
	}
	errors := fieldErrors(crdvalidation.ValidateCustomResourceDefinition(context.Background(), internal))
	unknown := unknownInCrd(from)
	reply = answer{ID: from.name, Valid: len(errors) == 0 && len(unknown) == 0, Errors: errors, Unknown: unknown}
	if estimates {
		reply.Estimates = estimatesOf(internal)
	}
	return reply
}

// What strict field validation refuses.
func unknownInCrd(from document) []string {
	text, err := yaml.YAMLToJSON(from.text)
	if err != nil {
		return nil
	}
	strict, err := strictjson.UnmarshalStrict(text, &apiextensionsv1.CustomResourceDefinition{})
	if err != nil {
		return nil
	}
	var found []string
	for _, err := range strict {
		found = append(found, err.Error())
	}
	sort.Strings(found)
	return found
}

// Serves every version of a definition; one that the server would refuse is an error.
func (s *apiServer) install(from document, status bool) error {
	crd, internal, err := readCrd(from)
	if err != nil {
		return err
	}
	if errors := crdvalidation.ValidateCustomResourceDefinition(context.Background(), internal); len(errors) > 0 {
		return fmt.Errorf("the server refuses the definition: %w", errors.ToAggregate())
	}
	for _, version := range crd.Spec.Versions {
		served, err := serve(crd, version.Name, status)
		if err != nil {
			return err
		}
		s.kinds[served.gvk.GroupVersion().String()+" "+served.gvk.Kind] = served
	}
	return nil
}

// As the server's handler does for each version of a definition.
func serve(crd *apiextensionsv1.CustomResourceDefinition, version string, status bool) (*kind, error) {
	schemaV1, err := apihelpers.GetSchemaForVersion(crd, version)
	if err != nil {
		return nil, err
	}
	internal := &apiextensions.CustomResourceValidation{}
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(schemaV1, internal, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	structural = structural.DeepCopy()
	if err := defaulting.PruneDefaults(structural); err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	statusSpec, scaleSpec, statusValidator, err := subresources(crd, version, internal)
	if err != nil {
		return nil, err
	}
	if status {
		statusSpec, statusValidator = nil, nil
	}
	gvk := schema.GroupVersionKind{Group: crd.Spec.Group, Version: version, Kind: crd.Spec.Names.Kind}
	namespaced := crd.Spec.Scope == apiextensionsv1.NamespaceScoped
	main := customresource.NewStrategy(crdserverscheme.NewUnstructuredObjectTyper(), namespaced, gvk, validator,
		statusValidator, structural, statusSpec, scaleSpec, nil)
	found := &kind{gvk: gvk, namespaced: namespaced, structural: structural, strategy: main}
	if statusSpec != nil {
		found.status = customresource.NewStatusStrategy(main)
	}
	return found, nil
}

func subresources(crd *apiextensionsv1.CustomResourceDefinition, version string, internal *apiextensions.CustomResourceValidation) (
	*apiextensions.CustomResourceSubresourceStatus, *apiextensions.CustomResourceSubresourceScale, validation.SchemaValidator, error) {
	found, err := apihelpers.GetSubresourcesForVersion(crd, version)
	if err != nil || found == nil {
		return nil, nil, nil, err
	}
	var status *apiextensions.CustomResourceSubresourceStatus
	var scale *apiextensions.CustomResourceSubresourceScale
	var statusValidator validation.SchemaValidator
	if found.Status != nil {
		status = &apiextensions.CustomResourceSubresourceStatus{}
		if statusSchema, ok := internal.OpenAPIV3Schema.Properties["status"]; ok {
			if statusValidator, _, err = validation.NewSchemaValidator(&statusSchema); err != nil {
				return nil, nil, nil, err
			}
		}
	}
	if found.Scale != nil {
		scale = &apiextensions.CustomResourceSubresourceScale{}
		if err := apiextensionsv1.Convert_v1_CustomResourceSubresourceScale_To_apiextensions_CustomResourceSubresourceScale(found.Scale, scale, nil); err != nil {
			return nil, nil, nil, err
		}
	}
	return status, scale, statusValidator, nil
}

func (s *apiServer) answer(ctx context.Context, asked request) answer {
	text := []byte(asked.Text)
	if asked.Object != nil {
		text = asked.Object
	}
	reply := answer{ID: asked.ID}
	object, served, unknown, err := s.decode(text)
	if err != nil {
		reply.Failed = err.Error()
		return reply
	}
	reply.Unknown = unknown
	ctx = genericapirequest.WithNamespace(ctx, object.GetNamespace())
	var found field.ErrorList
	if asked.Old == nil {
		found, err = create(ctx, served, object)
	} else {
		found, err = s.update(ctx, served, object, asked)
	}
	if err != nil {
		reply.Failed = err.Error()
		return reply
	}
	reply.Errors = fieldErrors(found)
	reply.Valid = len(reply.Errors) == 0 && len(unknown) == 0
	reply.Object = object.Object
	return reply
}

// The names of what the server fills in itself stay out of the way of comparisons.
func create(ctx context.Context, served *kind, object *unstructured.Unstructured) (field.ErrorList, error) {
	if !served.namespaced {
		object.SetNamespace("")
		ctx = genericapirequest.WithNamespace(ctx, "")
	} else if object.GetNamespace() == "" {
		object.SetNamespace("default")
	}
	if object.GetName() == "" && object.GetGenerateName() != "" {
		object.SetName(served.strategy.GenerateName(object.GetGenerateName()))
	}
	served.strategy.PrepareForCreate(ctx, object)
	return rest.ValidateCreate(ctx, object, served.strategy), nil
}

// As rest.BeforeUpdate does, which gives no list of errors.
func (s *apiServer) update(ctx context.Context, served *kind, object *unstructured.Unstructured, asked request) (field.ErrorList, error) {
	old, _, _, err := s.decode(asked.Old)
	if err != nil {
		return nil, fmt.Errorf("the old object: %w", err)
	}
	var strategy rest.RESTUpdateStrategy = served.strategy
	if asked.Subresource == "status" {
		if strategy = served.status; strategy == nil {
			return nil, fmt.Errorf("%s has no subresource status", served.gvk)
		}
	}
	if !served.namespaced {
		object.SetNamespace("")
		old.SetNamespace("")
	} else if object.GetNamespace() == "" {
		object.SetNamespace(old.GetNamespace())
	}
	object.SetGeneration(old.GetGeneration())
	strategy.PrepareForUpdate(ctx, object, old)
	if object.GetUID() == "" {
		object.SetUID(old.GetUID())
	}
	if created := old.GetCreationTimestamp(); !created.IsZero() {
		object.SetCreationTimestamp(created)
	}
	if deleted := old.GetDeletionTimestamp(); !deleted.IsZero() {
		object.SetDeletionTimestamp(deleted)
	}
	if grace := old.GetDeletionGracePeriodSeconds(); grace != nil && object.GetDeletionGracePeriodSeconds() == nil {
		object.SetDeletionGracePeriodSeconds(grace)
	}
	return rest.ValidateUpdate(ctx, object, old, strategy), nil
}

// Decodes as the server does with strict field validation: unknown and repeated fields, pruning, nulls, metadata, defaults.
func (s *apiServer) decode(text []byte) (*unstructured.Unstructured, *kind, []string, error) {
	isJSON := strings.HasPrefix(strings.TrimSpace(string(text)), "{")
	serializer := kjson.NewSerializerWithOptions(kjson.DefaultMetaFactory, creator{}, crdserverscheme.NewUnstructuredObjectTyper(),
		kjson.SerializerOptions{Yaml: !isJSON, Strict: true})
	var unknown []string
	decoded, _, err := serializer.Decode(text, nil, &unstructured.Unstructured{})
	if err != nil {
		strict, ok := runtime.AsStrictDecodingError(err)
		if !ok || decoded == nil {
			return nil, nil, nil, err
		}
		for _, err := range strict.Errors() {
			unknown = append(unknown, err.Error())
		}
	}
	object := decoded.(*unstructured.Unstructured)
	served, ok := s.kinds[object.GetAPIVersion()+" "+object.GetKind()]
	if !ok {
		return nil, nil, nil, fmt.Errorf("no definition of %s %s", object.GetAPIVersion(), object.GetKind())
	}
	more, err := coerce(object, served)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, path := range more {
		unknown = append(unknown, fmt.Sprintf("unknown field %q", path))
	}
	sort.Strings(unknown)
	defaulting.Default(object.UnstructuredContent(), served.structural)
	return object, served, unknown, nil
}

// As the handler's unstructuredSchemaCoercer does.
func coerce(object *unstructured.Unstructured, served *kind) ([]string, error) {
	apiVersion, kind := object.GetAPIVersion(), object.GetKind()
	meta, foundMeta, unknown, err := schemaobjectmeta.GetObjectMetaWithOptions(object.Object, schemaobjectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return nil, err
	}
	options := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown = append(unknown, pruning.PruneWithOptions(object.Object, served.structural, true, options)...)
	defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, served.structural)
	fieldErr, more := schemaobjectmeta.CoerceWithOptions(nil, object.Object, served.structural, false, schemaobjectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if fieldErr != nil {
		return nil, fieldErr
	}
	unknown = append(unknown, more...)
	object.SetKind(kind)
	object.SetAPIVersion(apiVersion)
	if foundMeta {
		if err := schemaobjectmeta.SetObjectMeta(object.Object, meta); err != nil {
			return nil, err
		}
	}
	return unknown, nil
}

type creator struct{}

func (creator) New(kind schema.GroupVersionKind) (runtime.Object, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	return object, nil
}

func fieldErrors(list field.ErrorList) []fieldError {
	var found []fieldError
	for _, err := range list {
		found = append(found, fieldError{
			Type:    string(err.Type),
			Field:   err.Field,
			Detail:  err.Detail,
			Message: err.Error(),
		})
	}
	sort.Slice(found, func(a, b int) bool {
		left, _ := json.Marshal(found[a])
		right, _ := json.Marshal(found[b])
		return string(left) < string(right)
	})
	return found
}
