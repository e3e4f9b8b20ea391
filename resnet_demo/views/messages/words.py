"""The words of the page in one language, out of the catalogues beside this file: {…} is filled in."""

from __future__ import annotations

import json
from importlib.resources import files

from resnet_demo.errors import ResNetDemoError
from resnet_demo.results.classes import Label, Prediction
from resnet_demo.views.as_it_forms import FormingWords
from resnet_demo.views.block_drawing import DrawingWords
from resnet_demo.views.compare_slider import CompareWords
from resnet_demo.views.error_words import worded
from resnet_demo.views.feature_grid import FeatureWords
from resnet_demo.views.network_strip import StripWords
from resnet_demo.views.predictions import PredictionWords
from resnet_demo.views.profile import ProfileWords
from resnet_demo.views.river import RiverWords
from resnet_demo.views.scatter import ScatterWords
from resnet_demo.views.sortable_table import TableWords
from resnet_demo.views.waterfall import WaterfallWords


def _catalogue(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((files(__package__) / f"{language}.json").read_text("utf-8"))
    return found


LANGUAGES = {"en": "English", "zh": "简体中文"}

CATALOGUES = {code: _catalogue(code) for code in LANGUAGES}


class Words:
    """The words of one language: `words("headline", label=…)`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """The words under `key`, filled in."""
        text = CATALOGUES[self.language][key]
        return text.format(**values) if values else text

    def weights(self, name: str) -> str:
        """What the weights of that name are called; only the bundled ones have a name that can be translated."""
        return self("weights_bundled") if name == CATALOGUES["en"]["weights_bundled"] else name

    def label(self, label: Label) -> str:
        """A class's name in this language."""
        return label.chinese if self.language == "zh" else label.english

    def class_of(self, prediction: Prediction) -> str:
        """The name of a predicted class in this language."""
        return self.label(prediction.label)

    def where(self, row: float, column: float) -> str:
        """A place in the photo in words; `row` and `column` from 0 (top, left) to 1."""
        ninth = min(int(row * 3), 2) * 3 + min(int(column * 3), 2)
        return self("where").split("|")[ninth]

    def error(self, error: ResNetDemoError) -> str:
        """What went wrong, in one sentence, in this language."""
        return worded(error, self.language)

    def for_predictions(self) -> PredictionWords:
        """The words of the class bars."""
        return PredictionWords(self("logit"), self("explained"))

    def for_compare(self) -> CompareWords:
        """The words of the heatmap's slider."""
        return CompareWords(self("before"), self("after"), self("divider"), self("opacity"))

    def for_profile(self) -> ProfileWords:
        """The words of the profile."""
        return ProfileWords(
            shortcut=self("shortcut"),
            residual=self("residual"),
            projection=self("shortcut_of_projection"),
            closed_gates=self("closed_gates"),
            bar=self("bar"),
            table=self("as_table"),
            block=self("block"),
            kind=self("kind"),
            kind_projection=self("projection"),
            kind_identity=self("identity"),
        )

    def for_river(self) -> RiverWords:
        """The words of the river."""
        return RiverWords(
            shortcut=self("shortcut"),
            projection=self("shortcut_of_projection"),
            residual=self("residual"),
            sum=self("river_sum"),
            agree=self("river_agree"),
            cancel=self("river_cancel"),
            width=self("river_width"),
            width_ledger=self("river_width_ledger"),
            cell=self("river_cell"),
            table=self("as_table"),
            block=self("block"),
            kind=self("kind"),
            kind_projection=self("projection"),
            kind_identity=self("identity"),
            column_sum=self("sum"),
            column_output=self("output"),
            column_cross=self("cross_term"),
            ledger=self("column_ledger"),
        )

    def for_forming(self) -> FormingWords:
        """The words of the answer as it forms."""
        return FormingWords(
            probability=self("probability"),
            logit=self("logit"),
            gated=self("forming_gated"),
            running=self("forming_running"),
            step=self("forming_step"),
            lead=self("forming_lead"),
            table=self("as_table"),
            after=self("forming_after"),
            top=self("forming_top"),
        )

    def for_features(self) -> FeatureWords:
        """The words of the feature maps."""
        return FeatureWords(self("tile"), self("activation"), self("each_range"), self("peak"))

    def for_drawing(self) -> DrawingWords:
        """The words of the block drawings."""
        return DrawingWords(
            input=self("draw_input"),
            output=self("draw_output"),
            shortcut=f"{self('shortcut')} S",
            residual=f"{self('residual')} F",
            identity=self("draw_identity"),
            conv=self("draw_conv"),
            channels=self("draw_channels"),
            stride=self("draw_stride"),
            pad=self("draw_pad"),
            added=self("draw_added"),
        )

    def for_waterfall(self) -> WaterfallWords:
        """The words of the ledger's waterfall."""
        return self._waterfall(self("for_class"), self("against_class"), self("logit"))

    def for_difference(self, first: str, second: str) -> WaterfallWords:
        """The words of a comparison's waterfall."""
        return self._waterfall(
            self("compare_for", name=first), self("compare_for", name=second), self("compare_total")
        )

    def _waterfall(self, positive: str, negative: str, total: str) -> WaterfallWords:
        return WaterfallWords(
            positive=positive,
            negative=negative,
            total=total,
            item=self("item"),
            table=self("as_table"),
            part=self("part"),
            value=self("value"),
            running=self("running_sum"),
        )

    def for_lab(self) -> TableWords:
        """The words of the lab table."""
        return TableWords(self("block"), self("projection"), self("sort_by"), self("none"))

    def for_layers(self) -> TableWords:
        """The words of a table of layers."""
        return TableWords(self("layer_column"), self("projection"), self("sort_by"), self("none"))

    def for_strip(self) -> StripWords:
        """The words of the strip of the network."""
        return StripWords(self("shortcut"), self("shortcut_of_projection"), self("residual"))

    def for_scatter(self) -> ScatterWords:
        """The words of the scatter."""
        return ScatterWords(self("point"), self("projection"), self("identity"))
