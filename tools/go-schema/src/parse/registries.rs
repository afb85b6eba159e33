//! Package-level maps from a value to a `reflect.Type`: how programs say which type
//! a discriminator stands for.
//!
//! ```go
//! var types = map[Kind]reflect.Type{
//!     KindA: reflect.TypeFor[A](),
//!     "b":   reflect.TypeOf(B{}),
//! }
//! ```

use super::{Reader, children, named};
use crate::syntax::{Expression, Import, Registry, TypeExpression};
use tree_sitter::Node;

impl Reader<'_> {
    pub(super) fn registries(
        &self,
        node: Node<'_>,
        imports: &[Import],
        registries: &mut Vec<Registry>,
    ) {
        for child in children(node) {
            if child.kind() == "var_spec_list" {
                self.registries(child, imports, registries);
            } else if let Some(registry) = self.registry(child, imports) {
                registries.push(registry);
            }
        }
    }

    fn registry(&self, spec: Node<'_>, imports: &[Import]) -> Option<Registry> {
        let name = named(spec, "name").next()?;
        let value = children(spec.child_by_field_name("value")?).next()?;
        let literal = Some(value).filter(|value| value.kind() == "composite_literal")?;
        let map = literal.child_by_field_name("type")?;
        let held = Some(map).filter(|map| map.kind() == "map_type")?;
        self.is_reflect_type(held.child_by_field_name("value")?, imports)
            .then_some(())?;
        let elements = children(literal.child_by_field_name("body")?);
        let entries = elements.map(|element| self.entry(element));
        Some(Registry {
            site: self.site(name),
            name: self.text(name).to_owned(),
            entries: entries.collect::<Option<_>>()?,
        })
    }

    fn is_reflect_type(&self, node: Node<'_>, imports: &[Import]) -> bool {
        let Ok(name) = self.type_name(node) else {
            return false;
        };
        let is_reflect = |qualifier: &String| {
            imports.iter().any(|import| {
                let alias = import.alias.as_deref().unwrap_or("reflect");
                import.path == "reflect" && alias == qualifier
            })
        };
        name.name == "Type" && name.qualifier.as_ref().is_some_and(is_reflect)
    }

    fn entry(&self, element: Node<'_>) -> Option<(Expression, TypeExpression)> {
        let key = element.child_by_field_name("key")?;
        let value = element.child_by_field_name("value")?;
        let key = self.expression(key).ok()?;
        Some((key, self.reflected(value)?))
    }

    /// The type in `reflect.TypeFor[T]()`, `reflect.TypeOf(T{})`, `reflect.TypeOf(&T{})`,
    /// `reflect.TypeOf((*T)(nil))`, and in `.Elem()` of one.
    fn reflected(&self, node: Node<'_>) -> Option<TypeExpression> {
        match node.kind() {
            "literal_element" | "parenthesized_expression" | "type_elem" => {
                self.reflected(children(node).next()?)
            }
            "call_expression" => {
                let function = node.child_by_field_name("function")?;
                let arguments = node.child_by_field_name("arguments")?;
                if let Some(listed) = node.child_by_field_name("type_arguments") {
                    return self.reflected(children(listed).next()?);
                }
                match function.kind() {
                    "index_expression" => self.reflected(function.child_by_field_name("index")?),
                    "selector_expression" => match children(arguments).next() {
                        Some(argument) => self.reflected(argument),
                        None => self.reflected(function.child_by_field_name("operand")?),
                    },
                    _ => self.reflected(function),
                }
            }
            "unary_expression" => self.reflected(node.child_by_field_name("operand")?),
            "composite_literal" => self.reflected(node.child_by_field_name("type")?),
            "selector_expression" => self.selector(node).map(TypeExpression::Name),
            "identifier" | "type_identifier" | "qualified_type" | "generic_type" => {
                self.type_expression(node).ok()
            }
            _ => None,
        }
    }
}
