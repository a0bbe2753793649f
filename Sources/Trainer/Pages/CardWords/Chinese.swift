extension CardWords {
  static let chinese = CardWords(
    draft: "草稿（DRAFT）：这些文字未经任何人批准，仅供试用和培训。",
    unreviewed: "本卡上除信息以外的文字由机器起草，未经任何人审校。",
    responder: "现场人员卡", listener: "指认卡", poster: "语言和手势", sheet: "阅读用信息",
    pointing: "请让对方指出自己的语言。编号是语言的编号：先按 *，再按两位数字。",
    reading: "供听力不好的人使用。每次只指一条信息，然后等待。不是每个人都识字。",
    contacts: "联系电话", buttons: "按键", answers: "用手势回答", languages: "语言", messages: "信息",
    does: "要做", doesNot: "不要做", held: "长按", digits: "两位数字：按编号选择信息",
    star: "再按两位数字：按编号选择语言", without: "缺少",
    jurisdiction: "因国家而异：只有在当地属实时才播放。",
    todo: [
      "先处理不能等的事：受伤、危险、儿童。",
      "到安静的地方去，远离与此人同来的所有人。",
      "现在就联系口译员。这些信息只用于等待期间。",
      "先找到语言：让语言报出自己的名称，或让对方指出来。",
      "播放手势信息时，自己同时做出这个手势。",
      "播放一条信息，然后等待并观察。",
      "对方伸出两只张开的手，或有任何不对时，立即按停止。",
      "记下播放了什么、回答了什么，交给口译员。",
    ],
    notToDo: [
      "不要询问发生了什么。这要等口译员到了以后再谈。",
      "不要许诺做不到的事：证件、不受处罚、具体时间。",
      "不要把点头或微笑当作“是”。",
      "不要让同行的人、儿童或旁人翻译。",
      "不要在对方可能惧怕的人听得见的地方播放。",
      "不要追问对方为什么不愿回答。",
      "不要碰触对方，也不要挡住通往门口的路。",
      "不要记录姓名，不要录音，不要拍照。",
    ],
    gestures: [
      .yes: Answer("是", "举起一只手"), .no: Answer("不是", "双手放下"),
      .notUnderstood: Answer("我不明白", "双手捂住耳朵"), .preferNot: Answer("我不想回答", "双臂交叉在胸前"),
      .stop: Answer("停", "伸出张开的双手"),
    ],
    kinds: [
      .interpreter: "口译员", .hotline: "求助热线", .medical: "医疗救助", .police: "警察", .shelter: "庇护所",
      .child: "儿童和青少年", .legal: "法律咨询", .other: "其他",
    ],
    modules: [
      "language": "语言", "answering": "怎样回答", "opening": "开始", "needs": "需要", "safety": "安全",
      "preference": "意愿", "child": "给儿童", "information": "告知", "understanding": "理解", "closing": "结束",
    ],
    controls: [
      "stop": "停止", "repeat": "重复", "next-language": "下一种语言", "previous-language": "上一种语言",
      "louder": "大声", "quieter": "小声", "quiet": "安静模式开、关", "answer-yes": "回答：是",
      "answer-no": "回答：不是", "answer-unclear": "回答：没有听懂", "answer-declined": "回答：不想回答", "answer-stop": "回答：停",
      "finder": "查找语言：每种语言报出自己的名称", "next": "下一个", "previous": "返回",
      "children": "儿童信息或成人信息", "voice": "换一个声音", "status": "设备状态",
    ],
    sequences: ["first-contact": "初次接触", "first-contact-child": "与儿童初次接触"], order: "按此顺序")
}
