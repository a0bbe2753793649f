import Catalogue
import Encoding
import Kit

/// The language of a text on a page, with the direction and the fonts to set it in.
public struct TextLanguage: Equatable, Sendable {
  /// BCP 47 tag, for `lang`.
  public var tag: String
  /// ISO 15924 script code, which chooses the fonts.
  public var script: String
  /// The base direction, for `dir`.
  public var direction: Direction

  /// Creates a text language from its parts.
  public init(tag: String, script: String, direction: Direction) {
    self.tag = tag
    self.script = script
    self.direction = direction
  }

  /// Creates the text language of a catalogue's language.
  public init(_ language: Language) {
    self.init(tag: language.tag, script: language.script, direction: language.direction)
  }

  /// Creates the text language of a kit's bundle.
  public init(_ bundle: BundleManifest) {
    self.init(tag: bundle.tag, script: bundle.script, direction: bundle.direction)
  }

  /// English.
  public static let english = TextLanguage(tag: "en", script: "Latn", direction: .ltr)

  /// CSS declarations for the fonts: Debian's first, then other systems'. A browser's own fallback often has small or
  /// broken marks.
  package var style: String {
    let names = (isNastaliq ? ["Noto Nastaliq Urdu"] : []) + (Self.families[script] ?? [])
    let fonts = "font-family: " + (names.map { "'\($0)'" } + ["'Noto Sans'", "sans-serif"]).joined(separator: ", ")
    // Nastaliq words descend steeply: with less line height, lines overlap.
    return isNastaliq ? fonts + "; line-height: 2.5" : fonts
  }

  /// The first font in which the text is set; nil for the letters that every machine has.
  var mainFont: String? { isNastaliq ? "Noto Nastaliq Urdu" : Self.families[script]?.first }

  /// CSS rules for letters with marks stacked above and below, which would touch the line before.
  static let tallLines = "section p:lang(my), section p:lang(km) { line-height: 1.8; }"

  /// Whether the text is set in Nastaliq, the style of Urdu.
  private var isNastaliq: Bool { tag == "ur" }

  /// Font families by script.
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
