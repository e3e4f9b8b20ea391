"""How to read what is shown: what a block does, what to be careful about, every quantity's definition."""

from __future__ import annotations

from resnet_demo.results.network import NetworkFacts
from resnet_demo.views.cards import card
from resnet_demo.views.chart import table
from resnet_demo.views.markup import Html, element, join
from resnet_demo.views.messages.words import Words

# Words key: (definition, source). Formulas need no translation.
DEFINITIONS = {
    "measure_mean_magnitude": ("mean |S|, mean |F|", ""),
    "measure_rms": ("√mean(S²), √mean(F²)", "He et al. 2015, Fig. 7"),
    "measure_std": ("√var(S), √var(F)", "He et al. 2015, Fig. 7"),
    "column_ratio": ("rms(F) / rms(S)", "Jastrzębski et al. 2018"),
    "energy_shares": ("‖S‖²/‖y‖² + ‖F‖²/‖y‖² + 2⟨S,F⟩/‖y‖² = 1", ""),
    "column_novelty": ("‖F − proj_S F‖ / ‖F‖ = √(1 − cos²)", ""),
    "closed_gates": ("mean[y < 0]", "He et al. 2016"),
    "change": ("1 − cos(x, x⁺)", ""),
    "map_share": ("F² / (S² + F²)", ""),
    "cam_title": ("ReLU(Σ_k α_k x⁺_k),  α_k = mean ∂L/∂x⁺_k", "Selvaraju et al. 2016"),
    "gradients_title": ("g_S = J_Sᵀ ∂L/∂y,  g_F = J_Fᵀ ∂L/∂y,  g_S + g_F = ∂L/∂x", "He et al. 2016"),
    "column_lesion": ("y = S + 0·F: Δ logit", "Veit et al. 2016"),
    "column_ledger": ("logit = b_c + Σ⟨F_l, v_l⟩ + Σ⟨b_l, v_l⟩ + ⟨stem, u_0⟩", "x⁺ = m·(S + F)"),
}


def about_view(network: NetworkFacts, words: Words) -> Html:
    """The whole tab."""
    height, width, _ = network.input_shape

    def text(key: str, **values: object) -> Html:
        return element("p", words(key, **values), class_="re-text")

    quantities = table(
        [words(key) for key in ("quantity", "definition", "source")],
        [(words(key), definition, source) for key, (definition, source) in DEFINITIONS.items()],
        class_="re-quantities",
    )
    cares = [
        words("about_care_magnitude"),
        words("about_care_relu"),
        words("about_care_squash", h=height, w=width),
        words("about_care_ledger"),
    ]
    return join(
        [
            element(
                "div",
                card(words("about_question"), text("about_block")),
                card(words("about_why"), text("about_degradation"), text("about_gradient")),
                card(
                    words("about_careful"),
                    element("ul", join([element("li", care) for care in cares]), class_="re-text"),
                ),
                class_="re-side-by-side",
            ),
            card(words("about_quantities"), quantities),
            card(
                words("about_input"),
                text(
                    "about_takes",
                    formula=network.formula,
                    name=words.weights(network.weights.name),
                    variant=network.weights.variant,
                    h=height,
                    w=width,
                ),
            ),
        ]
    )
