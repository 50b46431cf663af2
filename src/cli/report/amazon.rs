//! Advice about Amazon's registries: their passwords are for a few hours, and who gives one is told by the host's name.

use crate::oci::RegistryHost;
use crate::registry::Amazon;

/// The command that keeps a new password.
pub(super) fn login(own: &Amazon, host: &RegistryHost) -> String {
    let password = match own {
        Amazon::Private { region, .. } => format!("ecr get-login-password --region {region}"),
        // There is one for all regions.
        Amazon::Public => "ecr-public get-login-password --region us-east-1".to_owned(),
    };
    format!("aws {password} | docker login --username AWS --password-stdin {host}")
}

/// What there is besides a good password.
pub(super) fn rights(own: &Amazon, host: &RegistryHost) -> String {
    match own {
        Amazon::Private { account, .. } => format!(
            "with a password that is good, the account {account} has to allow `ecr:DescribeRepositories` for the list of repositories, `ecr:ListImages` for tags, `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer` for images"
        ),
        Amazon::Public => format!(
            "what is public takes no login: `docker logout {host}`, or `--anonymous={host}`"
        ),
    }
}

/// What to do about a cause with this code, where Amazon has an answer of its own.
pub(super) fn advice_on(code: &str, host: &RegistryHost) -> Option<String> {
    if !matches!(code, "UNAUTHORIZED" | "DENIED") {
        return None;
    }
    let own = Amazon::of(host)?;
    let (login, rights) = (login(&own, host), rights(&own, host));
    Some(format!(
        "Amazon's passwords are good for 12 hours: `{login}` keeps a new one; {rights}"
    ))
}
