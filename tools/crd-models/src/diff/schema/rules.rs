//! CEL rules. crdify calls these changes unhandled.

use super::Pair;
use crate::diff::change::{Findings, Values, Verdict, breaking, compatible, docs, wider};
use kube_schema::Rule;
use serde_json::{Value as Json, json};

const RULES: &str = "x-kubernetes-validations";

impl Pair<'_> {
    pub(super) fn rules(&self, out: &mut Findings<'_>) {
        let mut old: Vec<&Rule> = self.old.rules.iter().collect();
        let mut new: Vec<&Rule> = self.new.rules.iter().collect();
        // A rule may stand there twice, with other words.
        pair_off(&mut old, &mut new, |a, b| a == b);
        for (old, new) in pair_off(&mut old, &mut new, |a, b| a.rule == b.rule) {
            self.same_rule(old, new, out);
        }
        let mut changed = pair_off(&mut old, &mut new, |a, b| {
            a.message == b.message && !a.message.is_empty()
        });
        if let ([one], [other]) = (old.as_slice(), new.as_slice()) {
            changed.push((one, other));
            (old, new) = (Vec::new(), Vec::new());
        }
        for (old, new) in changed {
            let values = Values::both(old.rule.as_str(), new.rule.as_str());
            let verdict = breaking("an object that only the old rule let through becomes invalid");
            self.say(RULES, values, verdict, out);
        }
        for rule in old {
            self.say(RULES, Values::removed(rule.rule.as_str()), wider(), out);
        }
        for rule in new {
            let values = Values::added(rule.rule.as_str());
            self.say(RULES, values, added(rule), out);
        }
    }

    /// What goes with a rule that stayed.
    fn same_rule(&self, old: &Rule, new: &Rule, out: &mut Findings<'_>) {
        let text = |text: &String| (!text.is_empty()).then(|| json!(text));
        let option = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        let error = || compatible("a client that looks into the error sees another one");
        for (property, old, new, verdict) in [
            (
                "x-kubernetes-validations.message",
                text(&old.message),
                text(&new.message),
                docs(),
            ),
            (
                "x-kubernetes-validations.messageExpression",
                text(&old.message_expression),
                text(&new.message_expression),
                docs(),
            ),
            (
                "x-kubernetes-validations.reason",
                option(&old.reason),
                option(&new.reason),
                error(),
            ),
            (
                "x-kubernetes-validations.fieldPath",
                option(&old.field_path),
                option(&new.field_path),
                error(),
            ),
        ] {
            if old != new {
                self.say(property, Values { old, new }, verdict, out);
            }
        }
        self.first_run(old, new, out);
    }

    /// `optionalOldSelf`: whether a transition rule runs where nothing was before.
    fn first_run(&self, old: &Rule, new: &Rule, out: &mut Findings<'_>) {
        let runs = |rule: &Rule| rule.optional_old_self.unwrap_or(false);
        if runs(old) != runs(new) {
            let verdict = if runs(new) {
                breaking("the rule now judges new objects too: one that it forbids is refused")
            } else {
                wider()
            };
            let values = Values::both(Json::from(runs(old)), Json::from(runs(new)));
            self.say(
                "x-kubernetes-validations.optionalOldSelf",
                values,
                verdict,
                out,
            );
        }
    }
}

fn added(rule: &Rule) -> Verdict {
    if rule.rule.contains("oldSelf") && rule.optional_old_self != Some(true) {
        return breaking("an update that the rule forbids is refused");
    }
    breaking("an object for which the rule is false becomes invalid")
}

/// Takes the pairs that belong together out of both lists, each rule once.
fn pair_off<'r>(
    old: &mut Vec<&'r Rule>,
    new: &mut Vec<&'r Rule>,
    belong: impl Fn(&Rule, &Rule) -> bool,
) -> Vec<(&'r Rule, &'r Rule)> {
    let mut pairs = Vec::new();
    old.retain(|one| {
        let Some(at) = new.iter().position(|other| belong(one, other)) else {
            return true;
        };
        pairs.push((*one, new.remove(at)));
        false
    });
    pairs
}
