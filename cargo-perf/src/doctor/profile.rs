//! How the compiler divides a crate.

use super::Finding;

/// What a workspace's manifest says of the codegen units of benchmarks. More than one, and what else a crate contains decides
/// what is inlined into a function that nobody touched.
#[must_use]
pub fn codegen_units(manifest: &str) -> Finding {
    const NAME: &str = "codegen units";
    let Ok(manifest) = toml::from_str::<toml::Table>(manifest) else {
        return Finding::unknown(NAME, "the workspace's Cargo.toml cannot be read");
    };
    match units_of(&manifest, "bench") {
        Some(1) => Finding::ok(NAME, "1"),
        units => Finding::advice(
            NAME,
            units.map_or_else(
                || "up to 16, as nothing else is set".to_owned(),
                |units| units.to_string(),
            ),
            "a function added elsewhere in a crate may change how an untouched one is compiled, and how fast it is",
            "in Cargo.toml: [profile.bench] codegen-units = 1, for steadier comparisons and longer builds",
        ),
    }
}

/// Whether a crate is compiled in more than one unit under `profile`, as far as a workspace's manifest says. `None` when it
/// cannot be read.
#[must_use]
pub fn divides_crates(manifest: &str, profile: &str) -> Option<bool> {
    let manifest = toml::from_str::<toml::Table>(manifest).ok()?;
    Some(units_of(&manifest, profile) != Some(1))
}

/// The codegen units that are set for a profile, or for one that it inherits from.
fn units_of(manifest: &toml::Table, profile: &str) -> Option<i64> {
    /// No chain of profiles is longer than that, unless it is a ring, which cargo refuses.
    const LONGEST: usize = 16;
    let profiles = manifest.get("profile")?;
    let parent = |name: &str| match name {
        "bench" => Some("release"),
        name => profiles.get(name)?.get("inherits")?.as_str(),
    };
    let chain = std::iter::successors(Some(profile), |name| parent(name));
    chain.take(LONGEST).find_map(|name| {
        let units = profiles.get(name)?.get("codegen-units")?;
        units.as_integer()
    })
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn level(manifest: &str) -> Level {
        codegen_units(manifest).level
    }

    #[test]
    fn one_unit_is_well_wherever_it_is_inherited_from() {
        assert_eq!(level("[profile.bench]\ncodegen-units = 1"), Level::Ok);
        assert_eq!(level("[profile.release]\ncodegen-units = 1"), Level::Ok);
    }

    #[test]
    fn a_profile_is_followed_to_where_it_is_set() {
        let manifest = "[profile.release]\ncodegen-units = 1\n[profile.own]\ninherits = \"release\"\n\
            [profile.ring]\ninherits = \"ring\"\n[profile.wide]\ninherits = \"own\"\ncodegen-units = 8";
        let divides = |profile| divides_crates(manifest, profile);
        assert_eq!(
            (divides("bench"), divides("own")),
            (Some(false), Some(false))
        );
        assert_eq!((divides("wide"), divides("ring")), (Some(true), Some(true)));
        assert_eq!(divides_crates("", "bench"), Some(true));
        assert_eq!(divides_crates("[profile", "bench"), None);
    }

    #[test]
    fn more_are_told_of() {
        assert_eq!(level(""), Level::Advice);
        assert_eq!(level("[profile.bench]\nlto = true"), Level::Advice);
        let own = "[profile.release]\ncodegen-units = 1\n[profile.bench]\ncodegen-units = 4";
        assert_eq!(codegen_units(own).found, "4");
        assert_eq!(level("[profile"), Level::Unknown);
    }
}
