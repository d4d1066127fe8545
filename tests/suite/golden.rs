//! Every scenario that is shipped, as it is, with the whole of its summary: a change of behaviour is
//! a readable difference.

use crate::world::{Experiment, folder, shipped};

#[test]
fn scenarios_show_what_they_showed() {
    let mut names: Vec<String> = std::fs::read_dir(folder("scenarios"))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    names.sort();
    assert!(names.len() >= 4);
    for name in names {
        let text = Experiment::run(&name, &shipped(&name), &[]).text();
        insta::assert_snapshot!(name, text);
    }
}
