//! Endpoint policies: who may do what through an endpoint.

use super::Resolver;
use crate::scenario::{Effect, KeyPath, PolicyStatement, Problem};

/// An endpoint policy. Without statements it allows everything.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// As written; `None` is the full-access policy.
    pub statements: Option<Vec<PolicyStatement>>,
}

impl Policy {
    /// Whether `action` on `resource` is allowed.
    ///
    /// What is not known of a request is taken to be allowed: a statement that denies applies to it
    /// only if it denies everything, one that allows applies in any case. A denial beats every
    /// allowance, and what no statement allows is denied. (IAM user guide, "Policy evaluation
    /// logic", 2023.)
    #[must_use]
    pub fn allows(&self, action: Option<&str>, resource: Option<&str>) -> bool {
        let Some(statements) = &self.statements else {
            return true;
        };
        let mut allowed = false;
        for statement in statements {
            let unknown = statement.effect == Effect::Allow;
            let applies = applies_to(&statement.actions, action, unknown, matches_action)
                && applies_to(&statement.resources, resource, unknown, matches);
            match statement.effect {
                Effect::Deny if applies => return false,
                Effect::Allow if applies => allowed = true,
                Effect::Allow | Effect::Deny => {}
            }
        }
        allowed
    }
}

/// Whether one of `patterns` is for `value`; for one that is not known, only if it is for all, or if
/// `unknown` says so.
fn applies_to(
    patterns: &[String],
    value: Option<&str>,
    unknown: bool,
    matches: fn(&str, &str) -> bool,
) -> bool {
    match value {
        Some(value) => patterns.iter().any(|pattern| matches(pattern, value)),
        None => unknown || patterns.iter().any(|pattern| pattern == "*"),
    }
}

/// Actions are the same in upper and lower case.
fn matches_action(pattern: &str, action: &str) -> bool {
    matches(&pattern.to_lowercase(), &action.to_lowercase())
}

/// Whether `text` is `pattern`, where `*` stands for any text and `?` for one character.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut of_text) = (0, 0);
    // The last star, and where in the text what it stands for ends.
    let mut star: Option<(usize, usize)> = None;
    while of_text < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, of_text));
                at += 1;
            }
            Some(&c) if c == '?' || c == text[of_text] => {
                at += 1;
                of_text += 1;
            }
            Some(_) | None => {
                // The star stands for one character more.
                let Some((of_star, end)) = star else {
                    return false;
                };
                star = Some((of_star, end + 1));
                (at, of_text) = (of_star + 1, end + 1);
            }
        }
    }
    pattern[at..].iter().all(|&c| c == '*')
}

/// The policy at `path`, with what cannot match anything reported.
pub(super) fn resolve(
    resolver: &mut Resolver<'_>,
    written: Option<&[PolicyStatement]>,
    path: &KeyPath,
) -> Policy {
    for (index, statement) in written.unwrap_or_default().iter().enumerate() {
        let path = path.index(index);
        for (at, action) in statement.actions.iter().enumerate() {
            if action != "*" && !action.contains(':') {
                resolver.report(
                    Problem::error(
                        path.key("actions").index(at),
                        format!("`{action}` is not an action"),
                    )
                    .help(
                        "write \"SERVICE:ACTION\", such as \"s3:GetObject\" or \"s3:*\", or \"*\"",
                    ),
                );
            }
        }
        for (at, resource) in statement.resources.iter().enumerate() {
            if !resource.starts_with(['*', '?']) && !resource.starts_with("arn:") {
                resolver.report(
                    Problem::error(
                        path.key("resources").index(at),
                        format!("`{resource}` is not a resource"),
                    )
                    .help("write an ARN, such as \"arn:aws:s3:::logs/*\", or \"*\""),
                );
            }
        }
        for (key, list) in [
            ("actions", &statement.actions),
            ("resources", &statement.resources),
        ] {
            if list.is_empty() {
                let message = format!("the statement has no {key}, so it says nothing");
                resolver.report(Problem::warning(path.key(key), message));
            }
        }
    }
    Policy {
        statements: written.map(<[PolicyStatement]>::to_vec),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};
    use super::*;

    fn policy(statements: &[(Effect, &str, &str)]) -> Policy {
        let statement = |(effect, action, resource): &(Effect, &str, &str)| PolicyStatement {
            effect: *effect,
            actions: vec![(*action).to_owned()],
            resources: vec![(*resource).to_owned()],
        };
        Policy {
            statements: Some(statements.iter().map(statement).collect()),
        }
    }

    const GET: Option<&str> = Some("s3:GetObject");
    const LOG: Option<&str> = Some("arn:aws:s3:::logs/2024/1");

    #[test]
    fn without_statements_everything_is_allowed() {
        assert!(Policy::default().allows(GET, LOG));
        assert!(!policy(&[]).allows(GET, LOG));
    }

    #[test]
    fn what_no_statement_allows_is_denied() {
        let logs = policy(&[(Effect::Allow, "s3:Get*", "arn:aws:s3:::logs/*")]);
        assert!(logs.allows(GET, LOG));
        assert!(
            logs.allows(Some("S3:getobject"), LOG),
            "actions are the same in any case"
        );
        assert!(!logs.allows(Some("s3:PutObject"), LOG));
        assert!(
            !logs.allows(GET, Some("arn:aws:s3:::Logs/2024/1")),
            "resources are not"
        );
        assert!(!logs.allows(GET, Some("arn:aws:s3:::other/1")));
    }

    #[test]
    fn a_denial_beats_every_allowance() {
        let policy = policy(&[(Effect::Deny, "s3:Delete*", "*"), (Effect::Allow, "*", "*")]);
        assert!(policy.allows(GET, LOG));
        assert!(!policy.allows(Some("s3:DeleteObject"), LOG));
    }

    #[test]
    fn what_is_not_known_of_a_request_is_taken_to_be_allowed() {
        let allowed = policy(&[(Effect::Allow, "s3:Get*", "arn:aws:s3:::logs/*")]);
        assert!(allowed.allows(None, None));
        assert!(allowed.allows(None, LOG));
        assert!(!allowed.allows(None, Some("arn:aws:s3:::other/1")));
        let some = policy(&[(Effect::Allow, "*", "*"), (Effect::Deny, "s3:Delete*", "*")]);
        assert!(some.allows(None, None));
        let all = policy(&[(Effect::Allow, "*", "*"), (Effect::Deny, "*", "*")]);
        assert!(!all.allows(None, None));
    }

    #[test]
    fn wildcards_stand_for_any_text_or_one_character() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*ab", "aab", true),
            ("**", "x", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn statements_that_match_nothing_are_reported() {
        let endpoint = |statement: &str| {
            format!(
                "[route_table.t]\nvpc = \"main\"\n\
                 [vpc_endpoint.x]\nvpc = \"main\"\nservice = \"s3\"\nvpc_endpoint_type = \"gateway\"\n\
                 route_tables = [\"t\"]\npolicy = [{{ {statement} }}]"
            )
        };
        right(&endpoint(
            "effect = \"Allow\", actions = [\"s3:*\"], resources = [\"arn:aws:s3:::logs/*\"]",
        ));
        assert_eq!(
            wrong(&endpoint(
                "effect = \"deny\", actions = [\"GetObject\"], resources = [\"logs\"]"
            )),
            "vpc_endpoint.x.policy[0].actions[0]: `GetObject` is not an action (write \
             \"SERVICE:ACTION\", such as \"s3:GetObject\" or \"s3:*\", or \"*\")\n\
             vpc_endpoint.x.policy[0].resources[0]: `logs` is not a resource (write an ARN, such as \
             \"arn:aws:s3:::logs/*\", or \"*\")\n"
        );
    }
}
