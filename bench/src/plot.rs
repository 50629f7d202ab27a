//! Growth curves: the same figures as in the table, by the number of instances.

use anyhow::{Context, Result};
use plotters::prelude::*;

use crate::{
    document,
    parts::{Effort, Size},
    samples::Samples,
};

const PIXELS: (u32, u32) = (760, 420);
const FONT: &str = "sans-serif";

/// One line of a chart: what it is called, and the figure that it is made of, followed by a size.
type Curve = (&'static str, &'static str);

/// Writes both charts into the documents' folder.
pub(crate) fn write(effort: Effort, samples: &Samples) -> Result<()> {
    let beats: [Curve; 5] = [
        ("stores only: the machine's limit", "limit batch"),
        ("beat by handle, batches of 256", "beat batch"),
        ("beat by handle, one by one", "beat single"),
        ("beat by name", "beat by name"),
        ("naive registry, by name", "beat naive"),
    ];
    draw("benchmarks-beats.svg", "nanoseconds for one beat", &beats, effort, samples)?;
    let memory: [Curve; 2] = [("Steadfast", "memory"), ("naive registry", "memory naive")];
    draw("benchmarks-memory.svg", "bytes for one instance", &memory, effort, samples)
}

fn draw(file: &str, title: &str, curves: &[Curve], effort: Effort, samples: &Samples) -> Result<()> {
    let lines: Vec<(&str, Vec<(f64, f64)>)> =
        curves.iter().map(|(label, key)| (*label, points(key, effort, samples))).collect();
    let figures = || lines.iter().flat_map(|(_, points)| points.iter().map(|(_, figure)| *figure));
    let (low, high) = (figures().fold(f64::MAX, f64::min), figures().fold(0.0, f64::max));
    anyhow::ensure!(high > 0.0, "{file}: nothing of it was measured");
    let path = document::folder().join(file);
    let area = SVGBackend::new(&path, PIXELS).into_drawing_area();
    let drawn = || -> Result<(), Box<dyn std::error::Error>> {
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(title, (FONT, 18))
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d((8e4..1.3e7).log_scale(), (low / 3.0..high * 2.0).log_scale())?;
        chart
            .configure_mesh()
            .x_desc("instances")
            .x_label_formatter(&|number| instances(*number))
            .y_label_formatter(&f64::to_string)
            .draw()?;
        for (number, (label, points)) in lines.iter().enumerate() {
            let colour = Palette99::pick(number).to_rgba();
            let line = LineSeries::new(points.clone(), colour.stroke_width(2)).point_size(3);
            chart
                .draw_series(line)?
                .label(*label)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .background_style(WHITE.mix(0.8))
            .draw()?;
        area.present()?;
        Ok(())
    };
    drawn().map_err(|error| anyhow::anyhow!("{error}")).with_context(|| format!("docs/{file} cannot be drawn"))
}

#[allow(clippy::cast_precision_loss, reason = "ten million")]
fn points(key: &str, effort: Effort, samples: &Samples) -> Vec<(f64, f64)> {
    let point = |Size { instances, name }: &Size| {
        samples.find(&format!("{key} {name}")).map(|figure| (*instances as f64, figure.median))
    };
    effort.sizes.iter().filter_map(point).collect()
}

fn instances(number: f64) -> String {
    if number >= 1e6 { format!("{} M", number / 1e6) } else { format!("{} k", number / 1e3) }
}
