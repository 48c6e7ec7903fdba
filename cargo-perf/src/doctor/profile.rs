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
    let of = |profile: &str| {
        let units = manifest
            .get("profile")?
            .get(profile)?
            .get("codegen-units")?;
        units.as_integer()
    };
    match of("bench").or_else(|| of("release")) {
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
    fn more_are_told_of() {
        assert_eq!(level(""), Level::Advice);
        assert_eq!(level("[profile.bench]\nlto = true"), Level::Advice);
        let own = "[profile.release]\ncodegen-units = 1\n[profile.bench]\ncodegen-units = 4";
        assert_eq!(codegen_units(own).found, "4");
        assert_eq!(level("[profile"), Level::Unknown);
    }
}
