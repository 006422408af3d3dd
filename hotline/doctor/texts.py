"""What the doctor says, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]

_TEXTS: dict[str, tuple[str, str]] = {
    # The checks' names and their states.
    "check.config": ("配置", "configuration"),
    "check.pbx": ("话务平台", "PBX"),
    "check.login": ("AMI 登录与权限", "AMI login and rights"),
    "check.version": ("Asterisk 版本", "Asterisk version"),
    "check.modules": ("Asterisk 模块", "Asterisk modules"),
    "check.codecs": ("语音编码", "codecs"),
    "check.clocks": ("时钟", "clocks"),
    "check.disk": ("磁盘", "disk"),
    "check.database": ("数据库", "database"),
    "check.speech": ("语音识别", "speech model"),
    "check.prompts": ("提示音", "prompts"),
    "check.calendar": ("节假日", "holidays"),
    "check.agi": ("呼叫控制（FastAGI）", "call control (FastAGI)"),
    "check.web": ("网页", "web"),
    "check.fallback": ("备用队列", "fallback queue"),
    "state.good": ("正常", "good"),
    "state.note": ("注意", "note"),
    "state.bad": ("故障", "bad"),
    "state.unknown": ("未知", "unknown"),
    # One line each: good, or what to do.
    "config.good": ("{path} 有效", "{path} is valid"),
    "secrets.absent": (
        "{path} 尚不存在；先运行 hotline up 生成",
        "{path} is not there yet; hotline up makes it",
    ),
    "needs.secret": ("无法检查：没有 AMI 密码", "cannot be looked at: AMI's secret is not known"),
    "needs.pbx": ("无法检查：话务平台未应答", "cannot be looked at: the PBX does not answer"),
    "needs.login": ("无法检查：AMI 未登录", "cannot be looked at: AMI does not let us in"),
    "needs.rights": (
        "无法检查：{user} 无权执行 {action}",
        "cannot be looked at: {user} may not use {action}",
    ),
    "needs.database": ("无法检查：数据库不可用", "cannot be looked at: the database is not usable"),
    "pbx.good": ("{where} 应答", "{where} answers"),
    "pbx.absent": (
        "{where} 无法连接（{why}）；请启动 Asterisk（make run），或核对 pbx.ami_host、pbx.ami_port",
        "no connection to {where} ({why}); start Asterisk (make run), or mend pbx.ami_host and "
        "pbx.ami_port",
    ),
    "pbx.silent": (
        "{where} 在 {seconds} 秒内没有应答：Asterisk 已停滞，或该端口不是 AMI；请重启 Asterisk",
        "{where} does not answer within {seconds} s: Asterisk hangs, or it is no AMI; "
        "restart Asterisk",
    ),
    "login.good": (
        "{user} 已登录，拥有所需权限",
        "{user} is let in and has the rights that are needed",
    ),
    "login.refused": (
        "AMI 拒绝 {user} 登录（{why}）；pbx.ami_user、pbx.ami_secret 须与 manager.conf 一致",
        "AMI refuses {user} ({why}); pbx.ami_user and pbx.ami_secret must be those of manager.conf",
    ),
    "login.write": (
        "{user} 不能执行 {actions}；请在 manager.conf 中设置 write = {write}，并加载相应模块",
        "{user} may not use {actions}; set write = {write} in manager.conf and load the modules "
        "they belong to",
    ),
    "login.read": (
        "{user} 收不到 {classes} 类事件；请在 manager.conf 中设置 read = {read}",
        "{user} is not told events of {classes}; set read = {read} in manager.conf",
    ),
    "login.read_unseen": (
        "{user} 已登录，写权限足够；读权限无法从这里查询，manager.conf 中须为 read = {read}",
        "{user} is let in and may do what is needed; what it may read cannot be asked for: "
        "manager.conf must say read = {read}",
    ),
    "version.good": ("{version}", "{version}"),
    "version.old": (
        "{version} 过旧；需要 {oldest} 或更新版本",
        "{version} is too old; {oldest} or newer is needed",
    ),
    "version.unread": (
        "无法识别版本 {version!r}",
        "{version!r} is no version that can be understood",
    ),
    "modules.good": ("{count} 个所需模块均已加载", "all {count} that are needed are loaded"),
    "modules.missing": (
        "未加载 {names}；请在 modules.conf 中加载并查看 Asterisk 日志",
        "{names} not loaded; load them in modules.conf and read Asterisk's log for the reason",
    ),
    "codecs.good": ("{names}", "{names}"),
    "codecs.missing": (
        "缺少 {names}；请加载相应的 codec 模块",
        "{names} missing; load the codec modules",
    ),
    "codecs.opus": (
        "{names}；没有 opus：浏览器软电话将使用 ulaw，音质较低",
        "{names}; no opus: the browser's softphone uses ulaw and sounds duller",
    ),
    "clocks.good": (
        "与话务平台相差 {off:.2f} 秒；本市时间 {local}（{zone}）",
        "{off:.2f} s from the PBX; the city's time is {local} ({zone})",
    ),
    "clocks.apart": (
        "话务平台时钟相差 {off:+.1f} 秒；请在两台机器上启用时间同步（NTP）",
        "the PBX's clock is {off:+.1f} s from ours; turn on time synchronisation (NTP) on both",
    ),
    "clocks.back": (
        "日志中最新事件比现在晚 {ahead:.0f} 秒：本机时钟被调慢；请校时（NTP）",
        "the journal's newest event is {ahead:.0f} s in the future: this machine's clock was set "
        "back; mend it (NTP)",
    ),
    "clocks.alone": (
        "本市时间 {local}（{zone}）；话务平台时钟未知",
        "the city's time is {local} ({zone}); the PBX's clock is unknown",
    ),
    "disk.good": ("{folders} 可写，剩余 {free_mb} MB", "{folders} writable, {free_mb} MB free"),
    "disk.full": (
        "{folder} 所在磁盘仅剩 {free_mb} MB（要求 {min_mb} MB）；请清理或扩容",
        "{free_mb} MB free for {folder} ({min_mb} MB wanted); make room or enlarge the disk",
    ),
    "disk.closed": (
        "{folder} 不可写（{why}）；请修正权限或运行 hotline up 建立目录",
        "{folder} cannot be written ({why}); mend its owner and rights, or let hotline up make it",
    ),
    "database.good": (
        "{kind}，结构为最新（{revision}）",
        "{kind}, tables of the newest version ({revision})",
    ),
    "database.absent": (
        "{path} 尚不存在；先运行 hotline up 建立",
        "{path} is not there yet; hotline up makes it",
    ),
    "database.down": (
        "无法连接（{why}）；请核对 database.url 与数据库服务",
        "cannot be reached ({why}); look at database.url and the database server",
    ),
    "database.behind": (
        "结构版本为 {revision}，需要 {newest}；运行 hotline up 升级",
        "tables of version {revision}, {newest} is needed; hotline up brings them up to date",
    ),
    "database.ahead": (
        "结构版本 {revision} 比本程序新；请使用更新的程序版本",
        "tables of version {revision}, which this program does not know; use a newer program",
    ),
    "speech.none": (
        "未配置模型：留言不转写，等待人工收听（speech.model）",
        "no model is configured: spoken reports wait untranscribed (speech.model)",
    ),
    "speech.good": ("{path} 可以加载", "{path} can be loaded"),
    "speech.demo": (
        "演示模型可以加载；它只认识演示用的合成语音，不可用于真实来电",
        "the demo's model can be loaded; it knows the demo's synthetic voices only and is not for "
        "real callers",
    ),
    "speech.absent": (
        "{path} 不存在；请下载模型并填写 speech.model（演示模型由 make 生成）",
        "{path} is not there; unpack a model and name it in speech.model (make builds the demo's)",
    ),
    "speech.broken": (
        "{path} 无法加载（{why}）；请重新解压模型",
        "{path} cannot be loaded ({why}); unpack the model again",
    ),
    "prompts.good": ("中英文共 {count} 条，齐全", "{count} prompts, Chinese and English together"),
    "prompts.bad": (
        "{names} 缺失或格式不符（须为 8 kHz 单声道 16 位 WAV）；运行 hotline prompts make 重新生成",
        "{names} missing or not 8 kHz mono 16-bit WAV; hotline prompts make speaks them again",
    ),
    "calendar.good": (
        "{year} 年和 {coming} 年的节假日已知",
        "those of {year} and {coming} are known",
    ),
    "calendar.early": (
        "{year} 年的节假日已知；{coming} 年的尚未公布或尚未收录",
        "those of {year} are known; those of {coming} are not published or not taken in yet",
    ),
    "calendar.unknown": (
        "{year} 年的节假日未知，按普通工作日和周末计算；请更新 chinese-calendar，"
        "或在日历页逐日安排",
        "those of {year} are unknown, and its days count as plain weekdays and weekends; update "
        "chinese-calendar, or add closures on the calendar page",
    ),
    "agi.good": ("{where} 应答", "{where} answers"),
    "agi.absent": (
        "{where} 无法连接（{why}）：来电只能走备用流程；请启动控制器（make run）",
        "no connection to {where} ({why}): callers get the fallback only; start the controller "
        "(make run)",
    ),
    "web.good": ("{url} 应答", "{url} answers"),
    "web.absent": (
        "{url} 未正常应答（{why}）；请启动控制器（make run）并查看其日志",
        "{url} does not answer as it should ({why}); start the controller (make run) and read its "
        "log",
    ),
    "fallback.good": (
        "{count} 个成员，均为在班坐席",
        "{count} members, all of them agents on duty",
    ),
    "fallback.empty": (
        "没有成员：无人在班，控制器中断时来电转留言",
        "no members: nobody is on duty, so without the controller callers leave a report",
    ),
    "fallback.absent": (
        "Asterisk 没有队列 {queue}：控制器中断时来电无人接；请重新生成配置（hotline up）",
        "Asterisk has no queue {queue}: without the controller nobody takes calls; render the "
        "configuration again (hotline up)",
    ),
    "fallback.residual": (
        "{members} 已不在班，控制器中断时仍会振铃；请重启控制器，或用 queue remove member 移除",
        "{members} no longer on duty but would be rung without the controller; restart the "
        "controller, or take them out with queue remove member",
    ),
}


@dataclass(frozen=True, slots=True)
class Say:
    """Texts in one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key``. Raises KeyError when there is none."""
        return _TEXTS[key][("zh", "en").index(self.language)].format(**values)
