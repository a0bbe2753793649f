import Foundation

/// Telephone prompts by professional speakers, from Debian's packages asterisk-core-sounds-{en,es,fr}-wav: 8 kHz, mono,
/// cut so tightly that hardly any pause lets the room be heard.
public enum HumanVoices {
  /// A recorded prompt.
  public struct Prompt: Sendable {
    /// The WAVE file.
    public let path: String
    /// The BCP 47 tag of its language: `en`, `es` or `fr`.
    public let language: String
    /// The words as the package lists them; nil where its list has no words for the file.
    public let text: String?
  }

  /// What a test says where it is skipped.
  public static let absence =
    "asterisk-core-sounds-en-wav, -es-wav or -fr-wav is not installed: Hardware/setup test installs them"

  /// Whether the recordings of all three speakers are installed.
  public static let isInstalled = speakers.allSatisfy { FileManager.default.fileExists(atPath: "\(root)/\($0.name)") }

  /// Every prompt of every speaker, by language and path, without tones and silences.
  public static let prompts: [Prompt] = speakers.flatMap { speaker in
    let directory = "\(root)/\(speaker.name)"
    let names = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
    let texts = texts(speaker.language)
    return names.filter { name in
      name.hasSuffix(".wav") && !["tone", "beep", "silence"].contains { name.contains($0) }
    }.sorted().map {
      Prompt(path: "\(directory)/\($0)", language: speaker.language, text: texts[String($0.dropLast(4))])
    }
  }

  private static let root = "/usr/share/asterisk/sounds"
  private static let speakers = [
    (name: "en_US_f_Allison", language: "en"), (name: "es_MX_f_Allison", language: "es"),
    (name: "fr_CA_f_June", language: "fr"),
  ]

  /// Returns the words by file name without extension. A text in brackets describes a sound. Systems that install no
  /// documents have no list.
  private static func texts(_ language: String) -> [String: String] {
    let list = "/usr/share/doc/asterisk-core-sounds-\(language)/core-sounds-\(language).txt.gz"
    guard FileManager.default.fileExists(atPath: list) else { return [:] }
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", list]
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return [:] }
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    var texts: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard !line.hasPrefix(";"), let colon = line.firstIndex(of: ":") else { continue }
      let text = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      if let first = text.first, !"[(".contains(first) { texts[String(line[..<colon])] = text }
    }
    return texts
  }
}

/// A generator that gives the same numbers in every run. (SplitMix64)
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Creates a generator; each seed has its own numbers.
  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
