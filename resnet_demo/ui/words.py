"""Every word of the page, in English and in Chinese, side by side so that neither is forgotten."""

from __future__ import annotations

from resnet_demo.errors import ResNetDemoError
from resnet_demo.measures.classification import Prediction
from resnet_demo.networks import complexity
from resnet_demo.networks.labels import Label
from resnet_demo.networks.weights import BUNDLE, REASONS, Provenance
from resnet_demo.views.block_drawing import DrawingWords
from resnet_demo.views.compare_slider import CompareWords
from resnet_demo.views.feature_grid import FeatureWords
from resnet_demo.views.lab_table import LabWords
from resnet_demo.views.network_strip import StripWords
from resnet_demo.views.predictions import PredictionWords
from resnet_demo.views.profile import ProfileWords
from resnet_demo.views.scatter import ScatterWords
from resnet_demo.views.waterfall import WaterfallWords

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
    "drop_photo": ("# Drop a photo here\nor click to choose one", "# 把照片拖到这里\n或点击选择"),
    "examples": ("Or try one of these", "或者试试这些"),
    "weights": ("Weights: {name}, {classes} classes", "权重：{name}，{classes} 个类别"),
    "weights_bundled": ("bundled Imagenette", "自带的 Imagenette 权重"),
    "why_bundled_asked": (REASONS["bundled_asked"], "按指定使用自带的 Imagenette 权重。"),
    "why_bundled_environment": (
        REASONS["bundled_environment"],
        "按 RESNET_DEMO_WEIGHTS 的设置使用自带的 Imagenette 权重。",
    ),
    "why_bundled_fallback": (
        REASONS["bundled_fallback"],
        "得不到 Keras 官方的 ImageNet 权重文件，因此使用自带的 Imagenette 权重。原因：{error}",
    ),
    "why_official_found": (REASONS["official_found"], "Keras 官方的 ImageNet 权重，本机上已有。"),
    "why_official_downloaded": (REASONS["official_downloaded"], "Keras 官方的 ImageNet 权重，下载自 {url}。"),
    "why_file_asked": (REASONS["file_asked"], "按指定使用文件 {file} 中的权重。"),
    "why_file_environment": (
        REASONS["file_environment"],
        "按 RESNET_DEMO_WEIGHTS 的设置使用文件 {file} 中的权重。",
    ),
    "why_not_official": (REASONS["not_official"], "它与 Keras 官方文件同名，但内容不同。"),
    "why_own_graph": (REASONS["own_graph"], "使用它自己的计算图；假定它的输入是 BGR 减去 ImageNet 均值。"),
    "why_imagenet_names": (
        REASONS["imagenet_names"],
        "文件中没有类别名称；因为它有 1000 个类别，假定是 ImageNet 的类别。",
    ),
    "why_numbers": (REASONS["numbers"], "文件中没有类别名称，因此类别用编号表示。"),
    "weights_variant": ("Variant {variant}", "变体 {variant}"),
    "api_link": ("Use this page as an API", "以 API 方式使用本页"),
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
    "network_title": ("The network it meets", "它将遇到的网络"),
    "network_finding": (
        "{input} numbers go through a stem and {blocks} residual blocks in {stages} stages to {classes} classes. Each block "
        "adds what its residual branch computes to what its shortcut brings past it: y = S + F.",
        "{input} 个数经过 stem 和 {stages} 个阶段的 {blocks} 个残差块，得到 {classes} 个类别。每个块把残差分支的计算结果加到捷径带来的内容上：y = S + F。",
    ),
    "empty_here": ("Drop a photo first; its results appear here.", "请先放入照片，结果会显示在这里。"),
    # overview
    "headline": ("{label}, {percent}", "{label}，{percent}"),
    "headline_unsure": ("Perhaps {label}, {percent}", "可能是{label}，{percent}"),
    "read_as": (
        "Read from {name}, {width}×{height}, {format}.",
        "读取自 {name}，{width}×{height}，{format}。",
    ),
    "note_first_frame": ("It has several frames; the first is shown.", "它有多帧，只取第一帧。"),
    "note_upright": ("It was turned upright as its EXIF says.", "已按 EXIF 信息转正。"),
    "note_alpha_over_white": ("Its transparency was laid over white.", "透明部分已铺在白底上。"),
    "note_grayscale": ("It has no colours.", "这是灰度图。"),
    "note_cmyk": ("It was converted from CMYK.", "已由 CMYK 转换。"),
    "note_sixteen_bit": (
        "Its values of more than 8 bits were scaled to 8.",
        "超过 8 位的数值已缩放到 8 位。",
    ),
    "classes_title": ("What it sees", "它看到了什么"),
    "classes_label": ("The most probable classes", "概率最高的类别"),
    "classes_hint": ("Click a class to explain it.", "点击一个类别来解释它。"),
    "classes_few": (
        "These weights know {classes} classes only; a photo of anything else gets the nearest of them.",
        "这组权重只认识 {classes} 个类别；其他内容的照片会被归到其中最接近的一个。",
    ),
    "logit": ("logit", "logit"),
    "explained": ("explained", "正在解释"),
    "cam_title": ("Where it looked", "它看向哪里"),
    "target": ("Class to explain", "要解释的类别"),
    "layer": ("Look at", "观察位置"),
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
    "saliency_finding": (
        "For {label}, the pixels that matter most lie {where}; half of their sum lies on {share} of the photo.",
        "对于{label}，影响最大的像素在{where}，其总和的一半集中在照片 {share} 的面积上。",
    ),
    "saliency_nothing": (
        "No pixel matters for {label}: the map is zero everywhere.",
        "没有像素影响{label}：图中处处为零。",
    ),
    "unit_gradcam": ("in units of the logit", "单位同 logit"),
    "unit_gradcam++": ("in units of the logit", "单位同 logit"),
    "unit_faster-scorecam": ("in units of the activation", "单位同激活值"),
    "unit_saliency": ("mean |∂logit/∂pixel|", "|∂logit/∂像素| 的均值"),
    "where": (
        "at the upper left|at the top|at the upper right|at the left|in the middle|at the right|"
        "at the lower left|at the bottom|at the lower right",
        "左上方|上方|右上方|左侧|中央|右侧|左下方|下方|右下方",
    ),
    "before": ("photo", "照片"),
    "after": ("heatmap", "热力图"),
    "divider": ("Divider between photo and heatmap", "照片与热力图的分界"),
    "opacity": ("Opacity", "不透明度"),
    "masks": ("Channels used as masks", "用作遮罩的通道数"),
    "running": ("Running {method}", "正在运行 {method}"),
    # profile
    "profile_title": ("What each block adds", "每个块加上了什么"),
    "profile_finding": (
        "Compared with its shortcut, the residual branch is largest in {largest} (rms ratio {high}) "
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
    "energy_shares": ("energy shares", "能量份额"),
    "change": ("change", "变化"),
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
        "‖S‖²/‖y‖² + ‖F‖²/‖y‖² + 2⟨S,F⟩/‖y‖² = {sum}",
        "‖S‖²/‖y‖² + ‖F‖²/‖y‖² + 2⟨S,F⟩/‖y‖² = {sum}",
    ),
    "formula_ratio": ("rms(F) / rms(S) = {f} / {s} = {ratio}", "rms(F) / rms(S) = {f} / {s} = {ratio}"),
    "formula_cosine": (
        "cosine ⟨S,F⟩/(‖S‖‖F‖) = {cosine}; novelty √(1 − cosine²) = {novelty}",
        "余弦 ⟨S,F⟩/(‖S‖‖F‖) = {cosine}；新颖度 √(1 − 余弦²) = {novelty}",
    ),
    "caveat_projection": (
        "This is a projection block: its shortcut is a learned map of the input (a convolution and BatchNorm).",
        "这是投影块：捷径是对输入学到的映射（卷积加 BatchNorm），而不是输入本身。",
    ),
    "caveat_identity": (
        "The shortcut is a ReLU output, never negative; compare the standard deviations too.",
        "捷径是 ReLU 的输出，不会为负；请同时比较标准差。",
    ),
    "caveat_magnitude": (
        "Magnitude is not importance: the laboratory switches blocks off and adds them up to the logit.",
        "幅值不等于重要性：实验室里可以关闭某个块，并把各块加总到 logit。",
    ),
    "to_laboratory": ("Open {block} in the laboratory", "在实验室中打开 {block}"),
    # stages
    "stage": ("Stage", "阶段"),
    "channels": ("Channels", "通道数"),
    "scaling": ("Scale", "缩放"),
    "scale_each": ("per channel", "各通道单独"),
    "scale_together": ("together", "统一"),
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
    "block_of_stem": (
        "{place} is in the stem and has no branches; {block} is shown in its place.",
        "{place} 属于 stem，没有分支；这里改为显示 {block}。",
    ),
    # the laboratory, ledger
    "ledger_title": ("The ledger: the logit, block by block", "账本：逐块拆开 logit"),
    "ledger_finding": (
        "The logit of {label} is {logit}. Of the blocks {block} weighs the most, {value}: {share} of all that they add "
        "or take away.",
        "{label}的 logit 为 {logit}。各块中 {block} 分量最大，为 {value}，占它们增减总量的 {share}。",
    ),
    "class_bias": ("class bias", "类别偏置"),
    "stem": ("stem", "stem"),
    "projection_biases": ("projection biases", "投影偏置"),
    "remainder": ("rounding", "舍入"),
    "for_class": ("for the class", "支持该类别"),
    "against_class": ("against it", "反对该类别"),
    "item": ("{name}: {value}, sum so far {sum}", "{name}：{value}，累计 {sum}"),
    "part": ("part", "部分"),
    "value": ("value", "值"),
    "running_sum": ("sum so far", "累计"),
    "order": ("Order", "顺序"),
    "order_network": ("as in the network", "按网络顺序"),
    "order_largest": ("largest first", "从大到小"),
    "formula_ledger": (
        "class bias + stem + projection biases + blocks = {sum}; the logit is {logit}, {rounding} of it rounding",
        "类别偏置 + stem + 投影偏置 + 各块 = {sum}；logit 为 {logit}，其中舍入 {rounding}",
    ),
    "ledger_map_title": ("Where {block} argued", "{block} 在哪里表态"),
    "ledger_map_finding": (
        "{block} adds {value} to the logit of {label}: {positive} where it speaks for it, {negative} where it speaks "
        "against it. It is loudest {where}.",
        "{block} 给{label}的 logit 加上 {value}：支持处合计 {positive}，反对处合计 {negative}，{where}最强。",
    ),
    "formula_ledger_map": (
        "Σ over places: {sum}",
        "对各位置求和：{sum}",
    ),
    "unit_logit_place": ("logit per place", "每个位置的 logit"),
    "after_signed": ("for and against", "支持与反对"),
    # the laboratory, gates
    "gates_title": ("Gates: switch residual branches off", "门：关闭残差分支"),
    "gates_off": ("Blocks whose residual branch is scaled", "要缩放残差分支的块"),
    "gates_scale": ("Scaled to (0 is off, 1 as trained)", "缩放到（0 为关闭，1 为原样）"),
    "gates_none": (
        "All gates are one, so nothing changes. Choose blocks to see what the network says without them.",
        "所有门都为 1，因此没有变化。选择一些块，看看没有它们时网络会怎么说。",
    ),
    "gates_same": (
        "With {count} of the residual branches scaled to {scale}, it is still {label}: {before} before, {after} now.",
        "把 {count} 个残差分支缩放到 {scale} 后，结果仍是{label}：之前 {before}，现在 {after}。",
    ),
    "gates_changed": (
        "With {count} of the residual branches scaled to {scale}, {label} goes from {before} to {after}; "
        "the network now says {now}, {now_percent}.",
        "把 {count} 个残差分支缩放到 {scale} 后，{label}由 {before} 变为 {after}；网络现在认为是{now}，{now_percent}。",
    ),
    "as_trained": ("As trained", "原样"),
    "with_gates": ("With these gates", "使用这些门"),
    "no_block": ("none", "无"),
    "formula_gates": (
        "y = S + gate·F with gate = {gate} in: {blocks}. Logit {before} → {logit}",
        "y = S + 门·F，门 = {gate}，用于：{blocks}。logit {before} → {logit}",
    ),
    # the laboratory, gradients
    "gradients_title": ("The gradient, split between the branches", "梯度在两个分支之间的分配"),
    "gradients_finding": (
        "In {count} of {blocks} blocks the larger gradient comes back through the shortcut. Through the residual branch: "
        "{exceptions}.",
        "{blocks} 个块中有 {count} 个块，较大的梯度经捷径返回。经残差分支较大的：{exceptions}。",
    ),
    "unit_gradient": ("rms of the gradient, ×{power}", "梯度的均方根，×{power}"),
    "formula_gradient": (
        "{block}: rms g_S = {s}, rms g_F = {f}, rms ∂L/∂x = {x}, cosine {cosine}; "
        "largest |g_S + g_F − ∂L/∂x| = {error} of the largest |∂L/∂x|",
        "{block}：g_S 均方根 = {s}，g_F 均方根 = {f}，∂L/∂x 均方根 = {x}，余弦 {cosine}；"
        "|g_S + g_F − ∂L/∂x| 最大为 |∂L/∂x| 最大值的 {error}",
    ),
    "formula_holds": (
        "The tutorials' formula holds for {block} between its input and the sum y, since its shortcut is the input itself. "
        "From the output it does not hold as written: the ReLU's closed gates stop {stopped} of ‖∂L/∂x⁺‖² first.",
        "对 {block}，教程中的公式在输入与和 y 之间成立，因为捷径就是输入本身。从输出算起则不完全成立："
        "ReLU 关闭的门先拦下了 ‖∂L/∂x⁺‖² 的 {stopped}。",
    ),
    "formula_holds_not": (
        "The tutorials' formula does not hold for {block}: its shortcut is a map P of the input, so dL/dx = Pᵀ·dL/dy + J_Fᵀ·dL/dy; "
        "and the ReLU's closed gates stop {stopped} of ‖∂L/∂x⁺‖² first.",
        "对 {block}，教程中的公式不成立：捷径是输入的映射 P，因此 dL/dx = Pᵀ·dL/dy + J_Fᵀ·dL/dy；"
        "而且 ReLU 关闭的门先拦下了 ‖∂L/∂x⁺‖² 的 {stopped}。",
    ),
    # the laboratory, split heatmap
    "split_title": ("Whose heatmap is it? {block}", "热力图来自哪一支？{block}"),
    "split_finding": (
        "Of the map for {label} at {block} before its ReLU, the shortcut brings {s} and the residual branch {f}, "
        "{total} together. The residual branch speaks loudest for it {where}.",
        "在 {block} 处（ReLU 之前），{label}的图中捷径贡献 {s}，残差分支贡献 {f}，合计 {total}。残差分支在{where}最支持它。",
    ),
    "split_divider": ("Divider between shortcut and residual branch", "捷径与残差分支的分界"),
    "total": ("total", "合计"),
    "formula_split": (
        "Σ Σα·m·S + Σ Σα·m·F = {sum}; largest difference at any place {error} of the scale",
        "Σ Σα·m·S + Σ Σα·m·F = {sum}；任一位置的最大差为量程的 {error}",
    ),
    # the laboratory, table and scatter
    "table_title": ("Every block from five sides", "从五个方面看每个块"),
    "table_finding": (
        "The logit of {label} is lowest without {block}: it changes by {change}.",
        "去掉 {block} 时{label}的 logit 最低：变化 {change}。",
    ),
    "table_caption": (
        "One row per block, for {label}. Press a heading to sort.",
        "每行一个块，针对{label}。点击表头排序。",
    ),
    "formula_table": (
        "{block}: logit {before} → {after} without F, lesion {lesion}; ledger ⟨F, v⟩ = {ledger}; "
        "rms(g_F) / rms(g_S) = {f} / {s} = {gradient}",
        "{block}：去掉 F 后 logit {before} → {after}，损毁 {lesion}；账本 ⟨F, v⟩ = {ledger}；"
        "rms(g_F) / rms(g_S) = {f} / {s} = {gradient}",
    ),
    "sort_by": ("Sort by {title}", "按{title}排序"),
    "none": ("none", "无"),
    "column_ratio": ("magnitude ratio", "幅值比"),
    "column_ratio_hint": ("rms(F) / rms(S)", "rms(F) / rms(S)"),
    "column_novelty": ("novelty", "新颖度"),
    "column_novelty_hint": ("the part of F that does not lie along S", "F 中不沿 S 方向的部分"),
    "column_gradient": ("gradient ratio", "梯度比"),
    "column_gradient_hint": ("rms(g_F) / rms(g_S)", "rms(g_F) / rms(g_S)"),
    "column_lesion": ("lesion", "损毁"),
    "column_lesion_hint": ("change of the logit with F switched off", "关闭 F 后 logit 的变化"),
    "column_ledger": ("ledger", "账本"),
    "column_ledger_hint": ("what F adds to the logit", "F 给 logit 加上的值"),
    "column_top1": ("top class without it", "没有它时的首位类别"),
    "column_top1_hint": ("≠ marks another class than before", "≠ 表示与原来的类别不同"),
    "scatter_title": ("Is magnitude importance?", "幅值等于重要性吗？"),
    "scatter_finding": (
        "Over the blocks of this photo, {x} and {y} have a rank correlation of {rho}.",
        "在这张照片的各块上，{x}与{y}的秩相关为 {rho}。",
    ),
    "formula_scatter": (
        "ρ = Σ r_x·r_y / √(Σ r_x²·Σ r_y²) = {top} / {bottom} = {rho}, with the ranks r of {count} blocks less their mean",
        "ρ = Σ r_x·r_y / √(Σ r_x²·Σ r_y²) = {top} / {bottom} = {rho}，r 为 {count} 个块的秩减去其均值",
    ),
    "point": ("{name}: {x_title} {x}, {y_title} {y}", "{name}：{x_title} {x}，{y_title} {y}"),
    "correlations": ("All rank correlations (Spearman)", "全部秩相关（Spearman）"),
    "across": ("Across", "横轴"),
    "up": ("Up", "纵轴"),
    # compare
    "other_class": (
        "Against this class; if none is chosen, the most probable other one",
        "对比的类别；不选则取概率最高的另一个",
    ),
    "other_photo": ("Another photo, for the same class", "另一张照片（同一类别）"),
    "compare_hint": (
        "Click a block to see where it speaks for either.",
        "点击一个块，查看它在哪里支持哪一方。",
    ),
    "compare_photos_title": (
        "Which blocks make the difference between the photos",
        "哪些块造成两张照片的差别",
    ),
    "compare_photos_none": (
        "Add a second photo to see which blocks and places make the logit of {label} higher or lower there.",
        "再放入一张照片，看看是哪些块、哪些位置让{label}的 logit 在那里更高或更低。",
    ),
    "compare_everything": ("All blocks and the stem together", "所有块与 stem 合在一起"),
    "compare_title": ("Which blocks speak for either", "哪些块支持哪一方"),
    "compare_finding": (
        "The logit of {first} less that of {second} is {difference}. Strongest for the first: {for_first}; "
        "for the second: {for_second}.",
        "{first}的 logit 减去{second}的 logit 为 {difference}。最支持前者的：{for_first}；最支持后者的：{for_second}。",
    ),
    "compare_for": ("for {name}", "支持{name}"),
    "compare_total": ("difference", "差"),
    "this_photo": ("{label} on this photo", "这张照片上的{label}"),
    "that_photo": ("{label} on the other photo", "另一张照片上的{label}"),
    "compare_places_title": ("Which places speak for either", "哪些位置支持哪一方"),
    "compare_places_finding": (
        "{who}: for {first} most {where_first}, for {second} most {where_second}.",
        "{who}：最支持{first}的位置在{where_first}，最支持{second}的位置在{where_second}。",
    ),
    "both_photos_title": ("The same class on two photos", "同一类别，两张照片"),
    "both_photos_finding": (
        "All blocks and the stem together speak loudest for {label} {here} of this photo and {there} of the other.",
        "所有块与 stem 合在一起，在这张照片的{here}、另一张照片的{there}最支持{label}。",
    ),
    "both_photos_alt": ("{title}: strongest {where}.", "{title}：{where}最强。"),
    "formula_both_photos": (
        "Σ over places + class bias + projection biases = logit",
        "各位置之和 + 类别偏置 + 投影偏置 = logit",
    ),
    "formula_compare_places": (
        "Σ over places: {sum}; with the biases: {with_biases}, the difference",
        "对各位置求和：{sum}；再加上偏置：{with_biases}，即为差值",
    ),
    "formula_compare": (
        "{difference}; the lines add up to {total}",
        "{difference}；各行合计 {total}",
    ),
    # networks
    "networks_intro": (
        "The networks of the two tutorials and of the paper, each built here and counted from its graph.",
        "两篇教程与论文中的网络，全部在此搭建，并从其计算图中统计。",
    ),
    "networks_building": (
        "Building {name}, {done} of {count}",
        "正在搭建 {name}，第 {done} 个，共 {count} 个",
    ),
    "network": ("network", "网络"),
    "layers": ("layers", "层数"),
    "parameters": ("parameters", "参数量"),
    "multiply_adds": ("multiply-adds", "乘加次数"),
    "paper": ("paper", "论文"),
    "output_sizes": ("output size per stage", "各阶段输出尺寸"),
    "difference": ("difference", "差异"),
    "difference_not_in_paper": (complexity.REASONS["not_in_paper"], "论文中没有这个网络。"),
    "difference_projections": (
        complexity.REASONS["projections"],
        "投影占 {projections}；去掉后为 {without}，即论文对无参数捷径和无捷径网络给出的数值。",
    ),
    "difference_stride": (
        complexity.REASONS["stride"],
        "比 {reference} 多 {more}：步幅放在 3×3 卷积上，因此 conv3、conv4、conv5 的第一个块中，它之前的 1×1 卷积要在四倍的位置上计算。",
    ),
    "difference_wide_projections": (
        complexity.REASONS["wide_projections"],
        "比 {reference} 多 {more}：投影用 3×3 而非 1×1，代价是九倍，为 {projections} 而非 {usual}。",
    ),
    "difference_cut": (
        complexity.REASONS["cut"],
        "若截断而非四舍五入到一位小数，我们的数值就是论文的 {paper}；去掉全连接层（{dense}）或投影（{projections}）都得不到它。",
    ),
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
    # how to read it
    "about_question": ("What does a residual block do?", "残差块做了什么？"),
    "about_block": (
        "A residual block computes y = F(x) + S(x) and passes on x⁺ = ReLU(y). The shortcut S is the block's input, or, where "
        "shapes do not match, a 1×1 convolution of it; the residual branch F is a few convolutions. The tutorials write "
        "H(x) = F(x) + x. This page measures both parts on your photo.",
        "残差块计算 y = F(x) + S(x)，并输出 x⁺ = ReLU(y)。捷径 S 就是块的输入；形状不匹配时则是它的 1×1 卷积。"
        "残差分支 F 是几层卷积。教程写作 H(x) = F(x) + x。本页在你的照片上测量这两部分。",
    ),
    "about_why": ("Why shortcuts?", "为什么要有捷径？"),
    "about_degradation": (
        "Degradation: He et al. trained plain networks and found that 34 layers had a higher training error than 18. "
        "With shortcuts, a block that has nothing to add only needs F = 0, and depth no longer hurts.",
        "退化问题：He 等人训练普通网络时发现，34 层的训练误差反而高于 18 层。有了捷径，无事可加的块只需让 F = 0，深度便不再有害。",
    ),
    "about_gradient": (
        "Vanishing gradients: through an identity shortcut the gradient comes back unchanged, dL/dx = dL/dy·(1 + dF/dx). "
        "That holds up to the sum y. Keras' ResNet50 (v1) has a ReLU after the addition, whose closed gates stop a part first; "
        "a projection block's shortcut multiplies by its own map. The laboratory shows the corrected form with your numbers.",
        "梯度消失：经过恒等捷径，梯度原样返回，dL/dx = dL/dy·(1 + dF/dx)。这一式子只到和 y 为止。Keras 的 ResNet50（v1）在相加之后还有 ReLU，"
        "关闭的门会先拦下一部分；投影块的捷径还要乘以自己的映射。实验室用你的数值给出修正后的形式。",
    ),
    "about_careful": ("What to be careful about", "需要注意什么"),
    "about_care_magnitude": (
        "Magnitude is not importance. A large residual branch may point where the classifier does not look; novelty, lesion and "
        "ledger stand beside it for that reason.",
        "幅值不等于重要性。残差分支可能很大，却指向分类器不看的方向；因此旁边还列出新颖度、损毁与账本。",
    ),
    "about_care_relu": (
        "After a stage's first block the shortcut is a ReLU output and never negative, so its mean magnitude is its mean. "
        "Compare the standard deviation too.",
        "每个阶段第一个块之后，捷径都是 ReLU 的输出，不会为负，所以平均幅值就是均值。请同时比较标准差。",
    ),
    "about_care_squash": (
        "The whole photo is resized to {h}×{w}, as the tutorials do, so every map covers every pixel; a wide photo is squashed.",
        "整张照片被缩放到 {h}×{w}（与教程一致），所以每张图都覆盖全部像素；过宽的照片会被压扁。",
    ),
    "about_care_ledger": (
        "The ledger says who brought the evidence along on this photo, with its gates as they are. What would happen without a "
        "block is another question, and the lesion answers it.",
        "账本说明在这张照片上、门保持不变时，依据由谁带来。没有某个块会怎样，是另一个问题，由损毁来回答。",
    ),
    "about_quantities": ("The quantities", "各个量的定义"),
    "definition": ("definition", "定义"),
    "source": ("source", "出处"),
    "about_input": ("What this network eats", "这个网络的输入"),
    "about_caffe": (
        "{name}, variant {variant}: {h}×{w} pixels, BGR minus [103.939, 116.779, 123.68], no scaling.",
        "{name}，变体 {variant}：{h}×{w} 像素，BGR 减去 [103.939, 116.779, 123.68]，不缩放。",
    ),
    "about_torch": (
        "{name}, variant {variant}: {h}×{w} pixels, RGB / 255, minus [0.485, 0.456, 0.406], by [0.229, 0.224, 0.225].",
        "{name}，变体 {variant}：{h}×{w} 像素，RGB / 255，减去 [0.485, 0.456, 0.406]，再除以 [0.229, 0.224, 0.225]。",
    ),
    # errors
    "error_title": ("This did not work", "没有成功"),
    "error_ImageTooLargeError": (
        "{message}",
        "图片太大。收到：{received}。最多接受 8000 万像素。",
    ),
    "error_NotAnImageError": (
        "{message}",
        "无法读取这个文件：它不是图片、已损坏或不完整。收到：{received}。"
        "接受：JPEG、PNG、WebP、GIF、BMP、TIFF、AVIF 和 PPM。",
    ),
    "error_FileNotAdmittedError": (
        "{message}",
        "只读取上传到本服务器的照片或示例图片。收到：未经上传的路径。请先上传照片。",
    ),
    "error_ResNetDemoError": ("{message}", "请求无法完成。收到：{received}。"),
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

    def weights(self, weights: Provenance) -> str:
        """What the weights are called; only the bundled ones have a name that can be translated."""
        return self("weights_bundled") if weights.path == str(BUNDLE) else weights.name

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
        message = str(error)
        # Messages end "Received: … Accepted: …"; what was received needs no translation.
        received = message.partition("Received: ")[2].partition(" Accepted: ")[0].rstrip(".")
        return self(key, message=message, received=received or message)

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

    def for_lab(self) -> LabWords:
        """The words of the lab table."""
        return LabWords(self("block"), self("projection"), self("sort_by"), self("none"))

    def for_strip(self) -> StripWords:
        """The words of the strip of the network."""
        return StripWords(self("shortcut"), self("shortcut_of_projection"), self("residual"))

    def for_scatter(self) -> ScatterWords:
        """The words of the scatter."""
        return ScatterWords(self("point"), self("projection"), self("identity"))
