"""What the demo's citizens say: hotline reports, one a citizen, as people put them.

The demo model's language model knows these sentences, so the demo's reports come out right; its
accuracy is measured on others. Words are separated by spaces, clauses by ``，``; each digit
is a word.
"""

from __future__ import annotations

from collections.abc import Iterator

REPORTS: tuple[str, ...] = (
    "您好，我 要 反映 一个 问题，人民 路 二 十 三 号 门口 的 井盖 丢失 了，非常 危险，请 尽快 处理",
    "喂 您好，朝阳 区 中山 路 的 路灯 坏 了，已经 好几天 了，晚上 看不见 路",
    "我 要 投诉，和平 小区 门口 每天 晚上 有人 占道经营，影响 出行",
    "您好，解放 路 和 建设 路 交叉口 的 红绿灯 坏 了，车辆 很 乱，请 派 人 来 看看",
    "我家 楼下 工地 半夜 施工，噪音 扰民，老人 小孩 没法 睡觉",
    "长江 路 地铁站 旁边 共享单车 乱停，盲道 被 占用 了",
    "我 想 反映 一下，幸福 街 的 垃圾桶 满 了，没人 清理，味道 很 大",
    "文化 路 学校 门口 路面 塌陷，有 一个 大坑，学生 走路 很 危险",
    "您好，光明 街 的 下水道 堵 了，污水 往外 冒，请 派 人 疏通",
    "我 要 举报，滨江 大道 有人 夜里 乱倒 渣土",
    "花园 路 小区 里面 有人 违章 搭建，我 已经 投诉 过 一次 了，没有 人 来 处理",
    "公园 里面 的 公共厕所 停水 了，地上 很 脏，麻烦 派 人 打扫",
    "昨天 晚上 大风，新华 街 有 一棵 树 倒 了，挡住 了 路",
    "黄河 路 一 百 零 五 号 墙上 贴 满 了 小广告，希望 清理 一下",
    "您好，北京 路 超市 对面 的 广告牌 松动 了，快 掉 下来 了",
    "海淀 区 学院 路 有 一根 电线 掉 下来 了，没 人 敢 过去，请 马上 派 人",
    "菜市场 门口 流动 摊贩 太 多，堵 住 了 人行道，请 管 一管",
    "我 要 表扬 人民 路 的 环卫 工人，他们 很 辛苦，打扫 得 很 干净",
    "我 建议 在 中心 广场 多 放 几个 垃圾桶，再 装 几盏 路灯",
    "工业 路 的 水管 爆 了，水 流 了 一地，从 早上 到 现在 没 人 来 修",
    "世纪 大道 的 护栏 被 车 撞 坏 了，请 尽快 维修",
    "饭店 油烟 直接 排 到 我家 窗户，每天 都 是 这样，我 很 不 满意",
    "南京 路 银行 对面 的 消防栓 一直 漏水，浪费 很 多 水",
    "胜利 街 幼儿园 门口 有人 露天 烧烤，烟 很 大，请 派 人 管理",
)


def spoken(sentence: str) -> str:
    """The sentence as text: without the spaces between words."""
    return sentence.replace(" ", "")


def clauses(sentence: str) -> Iterator[list[str]]:
    """The words of each clause."""
    for clause in sentence.split("，"):
        yield clause.split()
