//! Expressions, as far as constants are made of them.

use super::{Reader, children, literals::unquote};
use crate::error::Error;
use crate::syntax::{Expression, TypeExpression, TypeName};
use tree_sitter::Node;

/// How many operands an expression may have to be looked at.
const LONGEST_SUM: usize = 100;

impl Reader<'_> {
    pub(super) fn expression(&self, node: Node<'_>) -> Result<Expression, Error> {
        let site = self.site(node);
        let part = |field: &str| {
            let child = node.child_by_field_name(field);
            let child = child.ok_or_else(|| self.not_go(node))?;
            Ok::<_, Error>(Box::new(self.expression(child)?))
        };
        let sign = || {
            let operator = node.child_by_field_name("operator");
            operator
                .map_or("", |operator| self.text(operator))
                .to_owned()
        };
        Ok(match node.kind() {
            "int_literal" | "float_literal" => Expression::Number(site, self.text(node).to_owned()),
            "interpreted_string_literal" | "raw_string_literal" => match unquote(self.text(node)) {
                Some(text) => Expression::Text(text),
                None => Expression::Other(site),
            },
            "rune_literal" => {
                let text = unquote(self.text(node)).unwrap_or_default();
                text.chars()
                    .next()
                    .map_or(Expression::Other(site), Expression::Rune)
            }
            "iota" => Expression::Iota,
            "identifier" | "true" | "false" => Expression::Name(self.type_name(node)?),
            "selector_expression" => match self.selector(node) {
                Some(name) => Expression::Name(name),
                None => Expression::Other(site),
            },
            "parenthesized_expression" | "literal_element" => match children(node).next() {
                Some(inner) => self.expression(inner)?,
                None => Expression::Other(site),
            },
            "unary_expression" => Expression::Unary(site, sign(), part("operand")?),
            "binary_expression" => self.binary(node)?,
            "call_expression" => self.call(node)?,
            "type_conversion_expression" => {
                let value = node.child_by_field_name("type");
                let value = self.type_expression(value.ok_or_else(|| self.not_go(node))?)?;
                Expression::Conversion(Box::new(value), part("operand")?)
            }
            _ => Expression::Other(site),
        })
    }

    /// `a + b + c`: the operands from the left, in a loop, since generated code has sums
    /// of any length. No constant of a type is one of so many.
    fn binary(&self, node: Node<'_>) -> Result<Expression, Error> {
        let mut operations = Vec::new();
        let mut left = node;
        while left.kind() == "binary_expression" {
            let (Some(first), Some(right)) = (
                left.child_by_field_name("left"),
                left.child_by_field_name("right"),
            ) else {
                return Err(self.not_go(left));
            };
            let operator = left.child_by_field_name("operator");
            let sign = operator.map_or("", |operator| self.text(operator));
            operations.push((self.site(left), sign.to_owned(), right));
            left = first;
        }
        if operations.len() > LONGEST_SUM {
            return Ok(Expression::Other(self.site(node)));
        }
        let mut sum = self.expression(left)?;
        for (site, sign, right) in operations.into_iter().rev() {
            let right = Box::new(self.expression(right)?);
            sum = Expression::Binary(site, sign, Box::new(sum), right);
        }
        Ok(sum)
    }

    /// `pkg.Name`.
    pub(super) fn selector(&self, node: Node<'_>) -> Option<TypeName> {
        let operand = node.child_by_field_name("operand")?;
        (operand.kind() == "identifier").then_some(())?;
        Some(TypeName {
            site: self.site(node),
            qualifier: Some(self.text(operand).to_owned()),
            name: self.text(node.child_by_field_name("field")?).to_owned(),
            arguments: Vec::new(),
        })
    }

    /// A call that is a constant: `len(x)`, or a conversion.
    fn call(&self, node: Node<'_>) -> Result<Expression, Error> {
        let function = node.child_by_field_name("function");
        let arguments = node.child_by_field_name("arguments");
        let arguments: Vec<Node<'_>> = arguments.into_iter().flat_map(children).collect();
        let (Some(function), [argument]) = (function, arguments.as_slice()) else {
            return Ok(Expression::Other(self.site(node)));
        };
        let argument = Box::new(self.expression(*argument)?);
        Ok(match self.expression(function)? {
            Expression::Name(name) if name.qualifier.is_none() && name.name == "len" => {
                Expression::Length(argument)
            }
            Expression::Name(name) => {
                Expression::Conversion(Box::new(TypeExpression::Name(name)), argument)
            }
            _ => Expression::Other(self.site(node)),
        })
    }
}
