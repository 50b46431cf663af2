//! Calls that cannot work.

use super::{Lint, Use, jq};
use crate::diagnostic::nearest;
use crate::expr::functions::{self, Accept, Function, Gives, Parameter};
use crate::expr::shape::Shape;
use crate::expr::tokens::Span;
use crate::expr::tree::{Call, Kind, Node};

impl Lint<'_> {
    pub(super) fn call(&mut self, call: &Call, span: Span, current: &Shape) -> Shape {
        let Some(function) = call.function else {
            self.unknown_function(call);
            self.arguments_of_unknown(call, current);
            return Shape::Any;
        };
        if let Some(message) = function.wrong_count(call.arguments.len()) {
            let finding = self
                .error(span, message, "wrong number of arguments")
                .hint(format!("it is called as `{}`", function.signature()));
            self.findings.push(finding);
            self.arguments_of_unknown(call, current);
            return Shape::Any;
        }
        let shapes = self.arguments(call, function, current);
        for (at, (node, shape)) in call.arguments.iter().zip(&shapes).enumerate() {
            self.argument(function, function.parameter(at), node, shape);
        }
        match function.gives {
            Gives::Is(known) => known.into(),
            Gives::Like(at) => shapes[at].clone(),
            Gives::ElementOf(at) => shapes[at].element(),
            Gives::ListOf(at) => Shape::List(Box::new(shapes[at].clone())),
            Gives::Either(one, other) => shapes[one].clone().or(shapes[other].clone()),
        }
    }

    fn unknown_function(&mut self, call: &Call) {
        let finding = self.error(
            call.name_span,
            format!("unknown function `{}`", call.name),
            "there is no such function",
        );
        let names = functions::all().map(|function| function.name);
        self.findings.push(
            match (jq::of_function(&call.name), nearest(&call.name, names)) {
                (Some(here), _) => finding.hint(here),
                (None, Some(near)) => finding.hint(format!("did you mean `{near}`?")),
                (None, None) => finding.hint("`docker-regq explain functions` lists all functions"),
            },
        );
    }

    fn arguments_of_unknown(&mut self, call: &Call, current: &Shape) {
        for node in &call.arguments {
            self.used(node, current, Use::Operand);
        }
    }

    /// The shapes of arguments; an `&expression` sees the elements of the list beside it.
    fn arguments(&mut self, call: &Call, function: &Function, current: &Shape) -> Vec<Shape> {
        let mut shapes: Vec<Shape> = Vec::with_capacity(call.arguments.len());
        for node in &call.arguments {
            shapes.push(match &node.kind {
                Kind::Reference(_) => Shape::Any,
                _ => self.used(node, current, Use::Operand),
            });
        }
        let list = function
            .parameters
            .iter()
            .position(|parameter| parameter.accepts.contains(&Accept::List));
        let element = list
            .and_then(|at| shapes.get(at))
            .map_or(Shape::Any, Shape::element);
        for (node, shape) in call.arguments.iter().zip(&mut shapes) {
            if let Kind::Reference(inner) = &node.kind {
                *shape = self.shape(inner, &element);
            }
        }
        shapes
    }

    fn argument(&mut self, function: &Function, parameter: &Parameter, node: &Node, shape: &Shape) {
        let is_expression = matches!(node.kind, Kind::Reference(_));
        let fits = match is_expression {
            true => parameter.takes_expression(),
            false => parameter.accepts.iter().any(|accept| shape.may_be(*accept)),
        };
        if fits {
            return self.literal_argument(parameter, node);
        }
        let given = if is_expression {
            "an expression"
        } else {
            shape.words()
        };
        let message = format!(
            "`{}` needs {}, not {given}",
            function.name,
            parameter.wanted()
        );
        let finding = self.error(node.span, message, given);
        self.findings.push(match parameter.takes_expression() {
            true => finding.hint(format!("write `&{}`", self.text(node))),
            false => finding,
        });
    }
}
