"""Every word of the page, in English and in Chinese, side by side so that neither is forgotten."""

from __future__ import annotations

from resnet_demo.analysis.classification import Prediction
from resnet_demo.errors import ResNetDemoError
from resnet_demo.network.labels import Label
from resnet_demo.rendering.block_drawing import DrawingWords
from resnet_demo.rendering.compare_slider import CompareWords
from resnet_demo.rendering.feature_grid import FeatureWords
from resnet_demo.rendering.predictions import PredictionWords
from resnet_demo.rendering.profile import ProfileWords

LANGUAGES = {"en": "English", "zh": "简体中文"}

# key: (English, Chinese); {…} is filled in.
WORDS: dict[str, tuple[str, str]] = {
    # the frame
    "title": ("ResNet Explorer", "ResNet 探索器"),
    "tagline": (
        "Upload a photo and see what a ResNet does with it, block by block.",
        "上传一张照片，逐块看清 ResNet 对它做了什么。",
    ),
    "language": ("Language", "语言"),
    "photo": ("Your photo", "你的照片"),
    "examples": ("Or try one of these", "或者试试这些"),
    "weights": ("Weights", "权重"),
    "weights_classes": ("{classes} classes", "{classes} 个类别"),
    "tab_overview": ("Overview", "总览"),
    "tab_stages": ("Stages", "各阶段"),
    "tab_lab": ("Laboratory", "实验室"),
    "tab_compare": ("Compare", "对比"),
    "tab_networks": ("Networks", "网络"),
    "tab_about": ("How to read it", "如何阅读"),
    # empty states
    "empty_title": ("Drop a photo to begin", "放入一张照片即可开始"),
    "empty_text": (
        "The classes, the heatmap and the shortcut against the residual branch of every block appear here.",
        "类别、热力图，以及每个残差块的捷径与残差分支，都会显示在这里。",
    ),
    "empty_here": ("Drop a photo first; its results appear here.", "请先放入照片，结果会显示在这里。"),
    # overview
    "headline": ("{label}, {percent}", "{label}，{percent}"),
    "headline_unsure": ("Perhaps {label}, {percent}", "可能是{label}，{percent}"),
    "read_as": ("Read from {name}, {width}×{height}, {format}.", "读取自 {name}，{width}×{height}，{format}。"),
    "note_first_frame": ("It moves; its first frame is shown.", "这是动图，只取第一帧。"),
    "note_upright": ("It was turned upright as its EXIF says.", "已按 EXIF 信息转正。"),
    "note_alpha_over_white": ("Its transparency was laid over white.", "透明部分已铺在白底上。"),
    "note_grayscale": ("It has no colours.", "这是灰度图。"),
    "note_cmyk": ("It was converted from CMYK.", "已由 CMYK 转换。"),
    "note_sixteen_bit": ("Its 16-bit values were scaled to 8 bits.", "16 位数值已缩放到 8 位。"),
    "classes_title": ("What it sees", "它看到了什么"),
    "classes_label": ("The most probable classes", "概率最高的类别"),
    "classes_hint": ("Click a class to explain it.", "点击一个类别来解释它。"),
    "logit": ("logit", "logit"),
    "explained": ("explained", "正在解释"),
    "cam_title": ("Where it looked", "它看向哪里"),
    "target": ("Class to explain", "要解释的类别"),
    "place": ("Look at block", "观察的残差块"),
    "method": ("Method", "方法"),
    "method_gradcam": ("Grad-CAM", "Grad-CAM"),
    "method_gradcam++": ("Grad-CAM++", "Grad-CAM++"),
    "method_faster-scorecam": ("Faster-ScoreCAM (slow)", "Faster-ScoreCAM（较慢）"),
    "method_saliency": ("Saliency, SmoothGrad (slow)", "显著图 SmoothGrad（较慢）"),
    "cam_finding": (
        "For {label}, the evidence at {place} is strongest {where}; half of it lies on {share} of the photo.",
        "对于{label}，{place} 处的依据在{where}最强，其中一半集中在照片 {share} 的面积上。",
    ),
    "cam_nothing": (
        "At {place} nothing speaks for {label}: the map is zero everywhere after its ReLU.",
        "在 {place} 没有支持{label}的依据：经过 ReLU 后图中处处为零。",
    ),
    "cam_unit": ("in units of the logit", "单位同 logit"),
    "cam_scaled": ("scaled to its own range", "按自身范围缩放"),
    "where": (
        "at the upper left|at the top|at the upper right|at the left|in the middle|at the right|"
        "at the lower left|at the bottom|at the lower right",
        "左上方|上方|右上方|左侧|中央|右侧|左下方|下方|右下方",
    ),
    "before": ("photo", "照片"),
    "after": ("heatmap", "热力图"),
    "divider": ("Divider between photo and heatmap", "照片与热力图的分界"),
    "opacity": ("Opacity", "不透明度"),
    "running": ("Running {method}", "正在运行 {method}"),
    # profile
    "profile_title": ("What each block adds", "每个块加上了什么"),
    "profile_finding": (
        "Beside its shortcut, the residual branch is largest in {largest} (rms ratio {high}) "
        "and smallest in {smallest} ({low}).",
        "与捷径相比，残差分支在 {largest} 最大（均方根之比 {high}），在 {smallest} 最小（{low}）。",
    ),
    "profile_hint": ("Click a block to open it.", "点击一个块查看细节。"),
    "profile_none": (
        "This network has no shortcuts, so there is no residual branch to compare.",
        "这个网络没有捷径，因此没有残差分支可以比较。",
    ),
    "measure": ("Magnitude", "度量"),
    "measure_mean_magnitude": ("mean magnitude", "平均幅值"),
    "measure_rms": ("rms", "均方根"),
    "measure_std": ("standard deviation", "标准差"),
    "shortcut": ("shortcut", "捷径"),
    "residual": ("residual branch", "残差分支"),
    "sum": ("sum", "和"),
    "output": ("output", "输出"),
    "shortcut_of_projection": ("shortcut of a projection block", "投影块的捷径"),
    "closed_gates": ("closed gates", "关闭的门"),
    "bar": (
        "{name}: shortcut {shortcut}, residual branch {residual}",
        "{name}：捷径 {shortcut}，残差分支 {residual}",
    ),
    "as_table": ("The numbers as a table", "以表格显示数值"),
    "block": ("block", "块"),
    "kind": ("kind", "种类"),
    "projection": ("projection block", "投影块"),
    "identity": ("identity block", "恒等块"),
    # one block
    "block_finding": (
        "The residual branch has {ratio} times the rms of the shortcut; {novelty} of its length lies off the shortcut's "
        "direction, and the ReLU closes {closed} of the units.",
        "残差分支的均方根是捷径的 {ratio} 倍；其长度的 {novelty} 偏离捷径的方向，ReLU 关闭了 {closed} 的单元。",
    ),
    "block_change": (
        "Input and output differ by {change} (1 − cosine).",
        "输入与输出相差 {change}（1 − 余弦）。",
    ),
    "maps_label": ("Maps of {block}", "{block} 的各张图"),
    "map_shortcut": ("shortcut", "捷径"),
    "map_residual": ("residual branch", "残差分支"),
    "map_sum": ("sum S + F", "和 S + F"),
    "map_output": ("output", "输出"),
    "map_share": ("share of the residual branch", "残差分支的占比"),
    "map_alt": (
        "Rms over channels of {what} in {block}: from {low} to {high}, largest {where}.",
        "{block} 中{what}在各通道上的均方根：从 {low} 到 {high}，{where}最大。",
    ),
    "share_alt": (
        "Share of the residual branch in {block}: on average {mean}, largest {where}.",
        "{block} 中残差分支的占比：平均 {mean}，{where}最大。",
    ),
    "unit_rms": ("rms over channels", "各通道均方根"),
    "unit_share": ("0 all shortcut, 1 all residual branch", "0 全为捷径，1 全为残差分支"),
    "quantity": ("quantity", "量"),
    "formula_title": ("The sums, with this photo's numbers", "代入这张照片的数值"),
    "formula_energy": (
        "‖S‖²/‖y‖² + ‖F‖²/‖y‖² + 2⟨S,F⟩/‖y‖² = {s} {f} {c} = {total}",
        "‖S‖²/‖y‖² + ‖F‖²/‖y‖² + 2⟨S,F⟩/‖y‖² = {s} {f} {c} = {total}",
    ),
    "formula_ratio": ("rms(F) / rms(S) = {f} / {s} = {ratio}", "rms(F) / rms(S) = {f} / {s} = {ratio}"),
    "formula_cosine": (
        "cosine ⟨S,F⟩/(‖S‖‖F‖) = {cosine}; novelty √(1 − cosine²) = {novelty}",
        "余弦 ⟨S,F⟩/(‖S‖‖F‖) = {cosine}；新颖度 √(1 − 余弦²) = {novelty}",
    ),
    "caveat_projection": (
        "This is a projection block: its shortcut is a learned map (1×1 convolution and BatchNorm), not the input itself.",
        "这是投影块：捷径是学到的映射（1×1 卷积加 BatchNorm），而不是输入本身。",
    ),
    "caveat_identity": (
        "The shortcut is a ReLU output, never negative; compare the standard deviations too.",
        "捷径是 ReLU 的输出，不会为负；请同时比较标准差。",
    ),
    "caveat_magnitude": (
        "Magnitude is not importance: the laboratory switches blocks off and adds them up to the logit.",
        "幅值不等于重要性：实验室里可以关闭某个块，并把各块加总到 logit。",
    ),
    # stages
    "stage": ("Stage", "阶段"),
    "channels": ("Channels", "通道数"),
    "scaling": ("Scale", "缩放"),
    "scale_each": ("each channel on its own", "每个通道单独"),
    "scale_together": ("all together", "所有通道一起"),
    "stage_finding": (
        "{place}: {h}×{w} places, {c} channels. Channel {channel} is the most active, mean {mean}; "
        "{silent} of the channels stay at zero on this photo.",
        "{place}：{h}×{w} 个位置，{c} 个通道。通道 {channel} 最活跃，均值 {mean}；这张照片上有 {silent} 的通道始终为零。",
    ),
    "stage_hint": ("Click a channel to lay it over the photo.", "点击一个通道，把它叠在照片上。"),
    "stage_label": ("The most active channels of {place}", "{place} 最活跃的通道"),
    "tile": ("Channel {channel}, mean activation {mean}", "通道 {channel}，平均激活 {mean}"),
    "activation": ("activation", "激活值"),
    "each_range": (
        "Each channel has its own range, from 0 to its maximum.",
        "每个通道使用各自的范围，从 0 到其最大值。",
    ),
    "peak": ("Channel {channel}: largest activation, {maximum}", "通道 {channel}：最大激活 {maximum}"),
    "channel_alt": (
        "Channel {channel} of {place} over the photo, strongest {where}.",
        "{place} 的通道 {channel} 叠在照片上，{where}最强。",
    ),
    # networks
    "networks_intro": (
        "The networks of the two tutorials and of the paper, each built here and counted from its graph.",
        "两篇教程与论文中的网络，全部在此搭建，并从其计算图中统计。",
    ),
    "networks_wait": (
        "The networks are built and counted when this tab is opened; the first time takes half a minute.",
        "打开此页时才会搭建并统计这些网络，第一次需要约半分钟。",
    ),
    "networks_building": ("Building {name}", "正在搭建 {name}"),
    "network": ("network", "网络"),
    "layers": ("layers", "层数"),
    "parameters": ("parameters", "参数量"),
    "multiply_adds": ("multiply-adds", "乘加次数"),
    "paper": ("paper", "论文"),
    "output_sizes": ("output size per stage", "各阶段输出尺寸"),
    "difference": ("difference", "差异"),
    "drawings_title": ("One block of each kind", "每种块各一个"),
    "drawing_identity": ("Identity block", "恒等块"),
    "drawing_projection": ("Projection block (the tutorials' conv block)", "投影块（教程中的 Conv Block）"),
    "drawing_basic": ("Basic block", "基本块"),
    "drawing_plain": ("Plain block, without shortcut", "普通块，没有捷径"),
    "drawing_alt": (
        "{kind}, {name} of {network}: {residual} layers on the residual branch.",
        "{kind}，{network} 的 {name}：残差分支有 {residual} 层。",
    ),
    "draw_input": ("input x", "输入 x"),
    "draw_output": ("output", "输出"),
    "draw_identity": ("identity", "恒等"),
    "draw_conv": ("{kernel}×{kernel} convolution", "{kernel}×{kernel} 卷积"),
    "draw_channels": ("{channels} channels", "{channels} 通道"),
    "draw_stride": ("stride {stride}", "步幅 {stride}"),
    "draw_pad": ("zero-padding", "补零"),
    "draw_added": ("{channels} more channels", "增加 {channels} 通道"),
    # errors
    "error_title": ("This did not work", "没有成功"),
    "error_ImageTooLargeError": (
        "{message}",
        "图片太大：最多接受 8000 万像素。（{message}）",
    ),
    "error_NotAnImageError": (
        "{message}",
        "无法读取这个文件：它不是图片、已损坏或不完整。接受 JPEG、PNG、WebP、GIF、BMP、TIFF、AVIF 和 PPM。（{message}）",
    ),
    "error_ResNetDemoError": ("{message}", "请求无法完成。（{message}）"),
}


class Words:
    """The words of one language: `words("headline", label=…)`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._column = list(LANGUAGES).index(language)

    def __call__(self, key: str, **values: object) -> str:
        """The words under `key`, filled in."""
        text = WORDS[key][self._column]
        return text.format(**values) if values else text

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
        key = next(f"error_{c.__name__}" for c in type(error).__mro__ if f"error_{c.__name__}" in WORDS)
        return self(key, message=str(error))

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
