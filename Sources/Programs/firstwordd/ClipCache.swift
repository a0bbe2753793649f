import Console
import Kit
import Playback

/// Clips in memory, verified and with their first frames decoded, so that a press only has to play them.
///
/// It holds every prompt and formula of the current language; the introductions of its neighbours and of the languages
/// that come next in the finder; and the operator's voice. A clip is read from the kit and checked against its SHA-256
/// before a byte of it is decoded.
///
/// Of the neighbours' other messages, which a press can reach only after that of their language, it holds the verified
/// files, because storage can be slow: their first frames are decoded while the language says its name.
struct ClipCache {
  private let kit: PlayableKit
  /// By file name.
  private var clips: [String: PreparedClip] = [:]
  /// Verified files that are not decoded yet, by their names.
  private var files: [String: [UInt8]] = [:]
  /// What to prepare, the most urgent last.
  private var missing: [Item] = []
  /// File names of clips that cannot be prepared.
  private var damaged: Set<String> = []
  /// The language that the cache is filled for.
  private var language: String?
  /// The introductions that the cache is filled for.
  private var introductions: [String] = []

  /// A clip that it should hold.
  private struct Item {
    let clip: Clip
    /// Tag of its language.
    let tag: String
    /// Whether its first frames are decoded.
    var isDecoded = true
  }

  /// Prompts with which a language introduces itself.
  private static let introductions = [ConsolePrompt.languageName, ConsolePrompt.raiseHand]

  /// Creates an empty cache for what the next press can reach.
  ///
  /// - Parameters:
  ///   - language: Tag of the chosen language.
  ///   - introductions: Tags of the languages that introduce themselves next.
  init(_ kit: PlayableKit, around language: String? = nil, introductions: [String]) {
    self.kit = kit
    list(language, introductions)
  }

  /// Whether every clip that it should hold is prepared.
  var isFilled: Bool { missing.isEmpty }

  /// Changes what the cache should hold; drops the rest.
  mutating func fill(around language: String?, introductions: [String]) {
    if language != self.language || introductions != self.introductions { list(language, introductions) }
  }

  private mutating func list(_ language: String?, _ introductions: [String]) {
    (self.language, self.introductions) = (language, introductions)
    let speaker = kit.manifest.operatorLanguage
    let forResponder = Set(kit.manifest.prompts.filter { $0.module == KitPrompt.operatorModule }.map(\.id))
    let bundles = kit.bundles.filter { bundle in !bundle.clips.allSatisfy { forResponder.contains($0.prompt) } }
    func items(of bundle: BundleManifest?, decoded: Bool = true, where fits: (Clip) -> Bool) -> [Item] {
      bundle?.clips.filter(fits).map { Item(clip: $0, tag: bundle?.tag ?? "", isDecoded: decoded) } ?? []
    }
    var all: [Item] = []
    if !bundles.isEmpty {
      let current = bundles.firstIndex { $0.tag == language }
      let next = current.map { ($0 + 1) % bundles.count } ?? 0
      let previous = ((current ?? 0) + bundles.count - 1) % bundles.count
      // Formulas come first in a bundle: a damaged one makes questions unavailable before they are requested.
      if let current { all = items(of: bundles[current]) { !forResponder.contains($0.prompt) } }
      // A kit of few languages may have one neighbour, or none.
      let neighbours = (next == previous ? [next] : [next, previous]).filter { $0 != current }.map { bundles[$0] }
      for bundle in neighbours { all += items(of: bundle) { Self.introductions.contains($0.prompt) } }
      for bundle in neighbours {
        all += items(of: bundle, decoded: false) {
          !forResponder.contains($0.prompt) && !Self.introductions.contains($0.prompt)
        }
      }
    }
    for tag in introductions {
      // In every form: the responder may change the answer mode.
      all += items(of: kit.bundle(tag)) { Self.introductions.contains($0.prompt) }
    }
    all += items(of: speaker.flatMap(kit.bundle)) { forResponder.contains($0.prompt) }
    let decoded = Set(all.lazy.filter(\.isDecoded).map(\.clip.file))
    let read = Set(all.lazy.map(\.clip.file)).subtracting(decoded)
    for (file, clip) in clips where read.contains(file) { files[file] = clip.file }
    clips = clips.filter { decoded.contains($0.key) }
    files = files.filter { read.contains($0.key) || decoded.contains($0.key) }
    missing = all.filter { !damaged.contains($0.clip.file) && !holds($0) }.reversed()
  }

  private func holds(_ item: Item) -> Bool {
    clips[item.clip.file] != nil || !item.isDecoded && files[item.clip.file] != nil
  }

  /// A formula that cannot be prepared.
  struct DamagedFormula {
    /// Tag of its language.
    let language: String
    /// The formula.
    let clip: Clip
    /// Why it cannot be prepared.
    let cause: String
  }

  /// Prepares one clip: only one, so that a press waits for one at most.
  ///
  /// - Returns: The clip if it is a formula that cannot be prepared, once. Another clip that cannot be prepared is
  ///   reported when it is requested.
  mutating func prepareNext() -> DamagedFormula? {
    guard let item = missing.popLast() else { return nil }
    if holds(item) { return nil }
    let clip = item.clip
    do {
      if item.isDecoded { _ = try self.clip(clip) } else { files[clip.file] = try kit.bytes(of: clip) }
    } catch {
      damaged.insert(clip.file)
      if clip.kind == .formula { return DamagedFormula(language: item.tag, clip: clip, cause: "\(error)") }
    }
    return nil
  }

  /// Returns a question with the formula after it; throws if either is damaged. The first 100 ms of both are ready.
  mutating func clip(_ question: Clip, then formula: Clip) throws -> PreparedClip {
    PreparedClip(try clip(question), then: try clip(formula), after: kit.manifest.answers.pause * 48)
  }

  /// Returns a clip; reads, verifies and decodes it now if the cache does not hold it.
  mutating func clip(_ clip: Clip) throws -> PreparedClip {
    if let ready = clips[clip.file] { return ready }
    let prepared = try PreparedClip(try files[clip.file] ?? kit.bytes(of: clip), frames: clip.frames)
    clips[clip.file] = prepared
    files[clip.file] = nil
    return prepared
  }
}
