//! Types.

use super::{Reader, children, literals::unquote, named};
use crate::error::Error;
use crate::syntax::{Field, Interface, Signature, TypeExpression, TypeName};
use tree_sitter::Node;

impl Reader<'_> {
    pub(super) fn type_expression(&self, node: Node<'_>) -> Result<TypeExpression, Error> {
        let part = |field: &str| -> Result<Box<TypeExpression>, Error> {
            let child = node.child_by_field_name(field);
            let child = child.or_else(|| children(node).last());
            let child = child.ok_or_else(|| self.not_go(node))?;
            Ok(Box::new(self.type_expression(child)?))
        };
        Ok(match node.kind() {
            "type_identifier" | "identifier" | "qualified_type" | "generic_type" => {
                TypeExpression::Name(self.type_name(node)?)
            }
            "pointer_type" => TypeExpression::Pointer(part("")?),
            "parenthesized_type" | "type_elem" | "type_constraint" => *part("")?,
            "slice_type" => TypeExpression::Slice(part("element")?),
            "array_type" => {
                let length = node.child_by_field_name("length");
                let length = self.expression(length.ok_or_else(|| self.not_go(node))?)?;
                TypeExpression::Array(Box::new(length), part("element")?)
            }
            "map_type" => TypeExpression::Map(part("key")?, part("value")?),
            "struct_type" => TypeExpression::Struct(self.fields(node)?),
            "interface_type" => TypeExpression::Interface(self.interface(node)?),
            "function_type" => TypeExpression::Function(self.signature(node)?),
            "channel_type" => TypeExpression::Channel(self.site(node)),
            _ => return Err(self.not_go(node)),
        })
    }

    pub(super) fn type_name(&self, node: Node<'_>) -> Result<TypeName, Error> {
        let site = self.site(node);
        let child = |field: &str| {
            let child = node.child_by_field_name(field);
            child.ok_or_else(|| self.not_go(node))
        };
        Ok(match node.kind() {
            "qualified_type" => TypeName {
                site,
                qualifier: Some(self.text(child("package")?).to_owned()),
                name: self.text(child("name")?).to_owned(),
                arguments: Vec::new(),
            },
            "generic_type" => {
                let arguments = children(child("type_arguments")?);
                let arguments = arguments.map(|argument| self.type_expression(argument));
                TypeName {
                    arguments: arguments.collect::<Result<_, _>>()?,
                    ..self.type_name(child("type")?)?
                }
            }
            _ => TypeName {
                site,
                qualifier: None,
                name: self.text(node).to_owned(),
                arguments: Vec::new(),
            },
        })
    }

    fn fields(&self, node: Node<'_>) -> Result<Vec<Field>, Error> {
        let mut fields = Vec::new();
        for declaration in children(node).flat_map(children) {
            let Some(value) = declaration.child_by_field_name("type") else {
                continue;
            };
            let tag = declaration.child_by_field_name("tag");
            let field = Field {
                site: self.site(declaration),
                name: String::new(),
                is_embedded: false,
                value: self.type_expression(value)?,
                tag: tag
                    .and_then(|tag| unquote(self.text(tag)))
                    .unwrap_or_default(),
                comments: self
                    .comments
                    .of_node(self.lines.row(declaration.start_byte())),
            };
            let names: Vec<Node<'_>> = named(declaration, "name").collect();
            if names.is_empty() {
                fields.push(embedded(declaration, field));
                continue;
            }
            fields.extend(names.into_iter().map(|name| Field {
                site: self.site(name),
                name: self.text(name).to_owned(),
                ..field.clone()
            }));
        }
        Ok(fields)
    }

    fn interface(&self, node: Node<'_>) -> Result<Interface, Error> {
        let mut interface = Interface::default();
        for element in children(node) {
            match element.kind() {
                "method_elem" | "method_spec" => {
                    if let Some(name) = element.child_by_field_name("name") {
                        let signature = self.signature(element)?;
                        interface
                            .methods
                            .push((self.text(name).to_owned(), signature));
                    }
                }
                _ => {
                    let parts: Vec<Node<'_>> = children(element).collect();
                    match parts.as_slice() {
                        [only] if only.kind() != "negated_type" => {
                            interface.embedded.push(self.type_expression(*only)?);
                        }
                        _ => interface.is_constraint = true,
                    }
                }
            }
        }
        Ok(interface)
    }

    pub(super) fn signature(&self, node: Node<'_>) -> Result<Signature, Error> {
        let mut signature = Signature::default();
        let parameters = node.child_by_field_name("parameters");
        for parameter in parameters.into_iter().flat_map(children) {
            signature.is_variadic |= parameter.kind() == "variadic_parameter_declaration";
            self.parameter(parameter, &mut signature.parameters)?;
        }
        match node.child_by_field_name("result") {
            Some(list) if list.kind() == "parameter_list" => {
                for result in children(list) {
                    self.parameter(result, &mut signature.results)?;
                }
            }
            Some(single) => signature.results.push(self.type_expression(single)?),
            None => {}
        }
        Ok(signature)
    }

    /// A parameter's type, once for each of its names.
    fn parameter(&self, node: Node<'_>, types: &mut Vec<TypeExpression>) -> Result<(), Error> {
        if let Some(value) = node.child_by_field_name("type") {
            let value = self.type_expression(value)?;
            let count = named(node, "name").count().max(1);
            types.extend(std::iter::repeat_n(value, count));
        }
        Ok(())
    }
}

/// A field without a name is called like its type, whose pointer stands apart from it.
fn embedded(declaration: Node<'_>, field: Field) -> Field {
    let name = match &field.value {
        TypeExpression::Name(name) => name.name.clone(),
        _ => String::new(),
    };
    let is_pointer = declaration
        .child(0)
        .is_some_and(|first| first.kind() == "*");
    let value = if is_pointer {
        TypeExpression::Pointer(Box::new(field.value))
    } else {
        field.value
    };
    Field {
        name,
        is_embedded: true,
        value,
        ..field
    }
}
