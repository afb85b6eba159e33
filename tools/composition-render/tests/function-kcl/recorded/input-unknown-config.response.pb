

input-unknown-config<œ•cannot get Function input from *v1.RunFunctionRequest: cannot get function input *v1alpha1.KCLInput from *v1.RunFunctionRequest: cannot unmarshal JSON from *structpb.Struct into *v1alpha1.KCLInput: json: cannot unmarshal Go value of type v1alpha1.ConfigSpec: unknown name "foo" 