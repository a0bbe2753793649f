import Catalogue
import Encoding
import Kit

/// How a text of a language is set: its tag, its direction, and fonts that have its letters.
public struct Tongue: Equatable, Sendable {
  /// BCP 47.
  public var tag: String
  /// ISO 15924.
  public var script: String
  public var direction: Direction

  public init(tag: String, script: String, direction: Direction) {
    self.tag = tag
    self.script = script
    self.direction = direction
  }

  public init(_ language: Language) {
    self.init(tag: language.tag, script: language.script, direction: language.direction)
  }

  public init(_ bundle: BundleManifest) {
    self.init(tag: bundle.tag, script: bundle.script, direction: bundle.direction)
  }

  public static let english = Tongue(tag: "en", script: "Latn", direction: .ltr)

  /// CSS declarations: fonts of Debian first, then those of other systems; a browser falls back by itself, but often
  /// to one with small or broken marks.
  var style: String {
    let names = (isNastaliq ? ["Noto Nastaliq Urdu"] : []) + (Self.families[script] ?? [])
    let fonts = "font-family: " + (names.map { "'\($0)'" } + ["'Noto Sans'", "sans-serif"]).joined(separator: ", ")
    // Its lines hang down steeply and would run into the next.
    return isNastaliq ? fonts + "; line-height: 2.5" : fonts
  }

  /// The hand that Urdu is written in.
  private var isNastaliq: Bool { tag == "ur" }

  private static let families: [String: [String]] = [
    "Arab": ["Noto Naskh Arabic", "Noto Sans Arabic", "Amiri", "Geeza Pro", "Segoe UI"],
    "Beng": ["Noto Sans Bengali", "Lohit Bengali", "Nirmala UI", "Bangla Sangam MN"],
    "Deva": ["Noto Sans Devanagari", "Lohit Devanagari", "Nirmala UI", "Kohinoor Devanagari"],
    "Ethi": ["Noto Sans Ethiopic", "Abyssinica SIL", "Nyala", "Kefa"],
    "Hans": ["Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC"],
    "Hant": ["Noto Sans CJK TC", "Noto Sans TC", "Microsoft JhengHei", "PingFang TC"],
    "Khmr": ["Noto Sans Khmer", "Khmer OS", "Leelawadee UI", "Khmer Sangam MN"],
    "Laoo": ["Noto Sans Lao", "Phetsarath OT", "Leelawadee UI", "Lao Sangam MN"],
    "Mymr": ["Noto Sans Myanmar", "Padauk", "Myanmar Text", "Myanmar Sangam MN"],
    "Thai": ["Noto Sans Thai", "Garuda", "Leelawadee UI", "Thonburi"],
  ]
}
