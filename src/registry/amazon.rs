//! Amazon's registries, as far as their names tell: which partition has them under which name, and what a password for
//! one is asked with.
//!
//! Facts only, each in this one place; whoever needs one asks here.

use crate::oci::RegistryHost;

/// The names of the registry that everybody may read: over IPv4, and over IPv6 too.
pub(in crate::registry) const PUBLIC: [&str; 2] = ["public.ecr.aws", "ecr-public.aws.com"];

/// Where partitions have their registries, behind `ACCOUNT.dkr.ecr.REGION.`: everywhere, in China, in Europe's own cloud,
/// and in those of governments (awslabs/amazon-ecr-credential-helper, `ecr-login/api/client.go`).
const DOMAINS: [&str; 7] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];

/// Likewise behind `ACCOUNT.dkr-ecr.REGION.`, over IPv6 too.
const DUAL_STACK: [&str; 2] = ["on.aws", "on.amazonwebservices.com.cn"];

/// The services of a region, plain and with the cryptography that FIPS 140 asks for.
const SERVICES: [(&str, &[&str]); 4] = [
    ("dkr.ecr.", &DOMAINS),
    ("dkr.ecr-fips.", &DOMAINS),
    ("dkr-ecr.", &DUAL_STACK),
    ("dkr-ecr-fips.", &DUAL_STACK),
];

/// One of Amazon's registries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amazon {
    /// An account's own, in one region.
    Private {
        /// Twelve digits.
        account: String,
        /// As in `eu-central-1`.
        region: String,
    },
    /// The one that everybody may read.
    Public,
}

impl Amazon {
    /// Which of them a host is, if it is one.
    pub fn of(host: &RegistryHost) -> Option<Self> {
        if host.port().is_some() {
            return None;
        }
        match PUBLIC.contains(&host.host()) {
            true => Some(Self::Public),
            false => Self::private(host.host()),
        }
    }

    fn private(host: &str) -> Option<Self> {
        let (account, rest) = host.split_once('.')?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let mut services = SERVICES.into_iter();
        let (rest, domains) =
            services.find_map(|(service, domains)| Some((rest.strip_prefix(service)?, domains)))?;
        let (region, domain) = rest.split_once('.')?;
        (is_account && domains.contains(&domain) && is_region(region)).then(|| Self::Private {
            account: account.to_owned(),
            region: region.to_owned(),
        })
    }
}

fn is_region(text: &str) -> bool {
    let is_part = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !part.is_empty() && part.bytes().all(fits)
    };
    text.contains('-') && text.split('-').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str) -> Option<Amazon> {
        Amazon::of(&host.parse().unwrap())
    }

    #[test]
    fn every_partition_has_a_name_that_tells_account_and_region() {
        for (host, own) in [
            (
                "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
                "eu-central-1",
            ),
            (
                "123456789012.DKR.ECR.eu-central-1.amazonaws.com",
                "eu-central-1",
            ),
            (
                "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com",
                "us-gov-west-1",
            ),
            (
                "123456789012.dkr.ecr-fips.us-gov-east-1.amazonaws.com",
                "us-gov-east-1",
            ),
            (
                "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu",
                "eusc-de-east-1",
            ),
            (
                "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov",
                "us-iso-east-1",
            ),
            (
                "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov",
                "us-isob-east-1",
            ),
            (
                "123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk",
                "eu-isoe-west-1",
            ),
            (
                "123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov",
                "us-isof-south-1",
            ),
            ("123456789012.dkr-ecr.eu-central-1.on.aws", "eu-central-1"),
            ("123456789012.dkr-ecr-fips.us-east-1.on.aws", "us-east-1"),
            (
                "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
                "cn-north-1",
            ),
        ] {
            let account = "123456789012".to_owned();
            let region = own.to_owned();
            assert_eq!(
                of(host),
                Some(Amazon::Private { account, region }),
                "{host}"
            );
        }
        for host in PUBLIC {
            assert_eq!(of(host), Some(Amazon::Public));
        }
    }

    #[test]
    fn what_only_looks_like_amazons_is_somebody_elses() {
        for host in [
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com:5000",
            "12345678901.dkr.ecr.eu-central-1.amazonaws.com",
            "1234567890123.dkr.ecr.eu-central-1.amazonaws.com",
            "x.123456789012.dkr.ecr.eu-central-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.net",
            "123456789012.dkr.ecr.eu-central-1.on.aws",
            "123456789012.dkr-ecr.eu-central-1.amazonaws.com",
            "123456789012.dkr.ecr.evil.amazonaws.com",
            "123456789012.dkr.ecr.a.eu-central-1.amazonaws.com",
            "api.ecr.eu-central-1.amazonaws.com",
            "public.ecr.aws:5000",
            "a.public.ecr.aws",
        ] {
            assert_eq!(of(host), None, "{host}");
        }
    }
}
