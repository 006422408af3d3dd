"""The words that the sample city's names are made of. Any likeness is chance."""

from __future__ import annotations

import random
from collections.abc import Iterator

CITY = "霁川市"
DISTRICTS = ("云麓区", "望川区", "松泉区", "澄湖区", "南汀区", "石桥区")
STREET_FIRST = ("青", "银", "长", "安", "永", "景", "玉", "鹤", "竹", "梧", "兰")
STREET_LAST = ("溪", "坪", "岭", "亭", "滩", "汀", "埠", "门")
COMMUNITY_FIRST = ("和", "兴", "福", "瑞", "锦", "晴", "春", "秋", "月", "星", "桂", "槐", "榆",
                   "柳", "荷", "枫", "桃", "梅")  # fmt: skip
COMMUNITY_LAST = ("园", "苑", "里", "庭", "台", "轩", "洲", "圃", "桥", "井", "巷", "源", "塘",
                  "浦")  # fmt: skip
ROAD_FIRST = ("霁月", "霁云", "川阳", "望江", "听涛", "澄江", "碧梧", "青石", "白鹭", "朝晖",
              "晚枫", "知春", "临溪", "栖霞", "松涛", "云帆", "长堤", "新渡", "老埠",
              "石浦")  # fmt: skip
ROAD_LAST = ("东", "西", "南", "北", "中")
LANDMARKS = ("中心小学", "菜市场", "卫生服务中心", "公园", "公交站", "派出所")
DEPARTMENTS = (
    ("市城市管理局", False),
    ("市住房和城乡建设局", False),
    ("市水务局", True),
    ("市生态环境局", True),
    ("市公安局交警支队", True),
    ("市公安局", False),
    ("市交通运输局", False),
    ("市园林绿化局", True),
    ("市市场监督管理局", False),
    ("市应急管理局", True),
    ("市卫生健康委员会", False),
    ("市教育局", False),
    ("市民政局", False),
    ("市文化和旅游局", False),
    ("市自然资源局", True),
    ("市农业农村局", False),
    ("市商务局", False),
    ("市人力资源和社会保障局", False),
    ("市消防救援支队", True),
    ("市气象局", False),
    ("市数据局", False),
    ("市体育局", False),
    ("市人民防空办公室", False),
    ("市房屋征收事务中心", False),
)
COMPANIES = (
    ("霁川供水公司", "B03"),
    ("霁川排水公司", "B03"),
    ("霁川燃气公司", "B02"),
    ("霁川供电公司", ""),
    ("霁川热力公司", "B02"),
    ("霁川通信管线公司", ""),
)
BRIGADES = ("市政设施应急抢修中心", "市容环境卫生机动大队")


def pairs(dice: random.Random, first: tuple[str, ...], last: tuple[str, ...]) -> Iterator[str]:
    """Every first word with every last one, in an order of the dice's, none twice."""
    made = [one + other for one in first for other in last]
    dice.shuffle(made)
    yield from made
