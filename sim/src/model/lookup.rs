//! What a reader finds.

use steadfast_core::Show;
use steadfast_policy::Traffic;

use super::{Known, Model};
use crate::{
    event::Question,
    world::{self, Place},
};

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) places: Vec<Place>,
    pub(crate) protecting: bool,
}

impl Model {
    pub(crate) fn look_up(&self, service: u8, question: &Question) -> Found {
        let Question { show, cluster, class, zone, protect_percent, .. } = question;
        let is_named = |at: Place, known: &Known| {
            let cluster_fits = cluster.is_none_or(|cluster| at.address().cluster == world::cluster(cluster));
            let zone_fits = zone.is_none_or(|zone| known.effective_metadata().get("zone").is_some_and(|is| is == zone));
            cluster_fits && zone_fits && class.is_none_or(|class| class == known.class)
        };
        let here = self.places.iter().filter(|(at, known)| at.service == service && known.present);
        let named: Vec<(Place, &Known)> =
            here.filter(|(at, known)| is_named(**at, known)).map(|(at, known)| (*at, known)).collect();
        let serve: Vec<(Place, &Known)> =
            named.iter().filter(|(at, known)| self.traffic(*at, known) == Traffic::Serve).copied().collect();
        let healthy = serve.iter().filter(|(_, known)| known.healthy).count();
        let protecting = *show == Show::Serving && healthy * 100 < serve.len() * usize::from(*protect_percent);
        let shown: Vec<(Place, &Known)> = match show {
            Show::Present => named,
            Show::Serving if !protecting => serve.into_iter().filter(|(_, known)| known.healthy).collect(),
            _ => serve,
        };
        Found { places: shown.into_iter().map(|(at, _)| at).collect(), protecting }
    }
}
