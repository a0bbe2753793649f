import Console
import Kit
import Playback

/// Clips in memory, verified and with their first frames decoded, so that a press only has to play them.
///
/// It holds every prompt and formula of the current language and of its neighbours, which the next two presses can reach; the
/// introductions of the languages that come next in the finder; and the operator's voice: about 6 MB with forty prompts
/// and languages. A clip is read from the kit and checked against its SHA-256 before a byte of it is decoded.
struct ClipCache {
  private let kit: PlayableKit
  /// By file name.
  private var clips: [String: PreparedClip] = [:]
  /// Clips to prepare, with the tags of their languages, the most urgent last.
  private var missing: [(tag: String, clip: Clip)] = []
  /// File names of clips that cannot be prepared.
  private var damaged: Set<String> = []
  /// The language that the cache is filled for.
  private var language: String?
  /// The introductions that the cache is filled for.
  private var introductions: [String] = []

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
    var all: [(tag: String, clip: Clip)] = []
    func clips(of bundle: BundleManifest?, where fits: (Clip) -> Bool) -> [(tag: String, clip: Clip)] {
      bundle?.clips.filter(fits).map { (bundle?.tag ?? "", $0) } ?? []
    }
    if !bundles.isEmpty {
      let current = bundles.firstIndex { $0.tag == language }
      let next = current.map { ($0 + 1) % bundles.count } ?? 0
      let previous = ((current ?? 0) + bundles.count - 1) % bundles.count
      var near: [Int] = []
      for index in [current, next, previous] { if let index, !near.contains(index) { near.append(index) } }
      // Formulas come first in a bundle: a damaged one makes questions unavailable before they are requested.
      all = near.flatMap { clips(of: bundles[$0]) { !forResponder.contains($0.prompt) } }
    }
    for tag in introductions {
      // In every form: the responder may change the answer mode.
      all += clips(of: kit.bundle(tag)) { Self.introductions.contains($0.prompt) }
    }
    all += clips(of: speaker.flatMap(kit.bundle)) { forResponder.contains($0.prompt) }
    let files = Set(all.map(\.clip.file))
    self.clips = self.clips.filter { files.contains($0.key) }
    missing = all.filter { self.clips[$0.clip.file] == nil && !damaged.contains($0.clip.file) }.reversed()
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
    guard let (tag, clip) = missing.popLast() else { return nil }
    do { _ = try self.clip(clip) } catch {
      damaged.insert(clip.file)
      if clip.kind == .formula { return DamagedFormula(language: tag, clip: clip, cause: "\(error)") }
    }
    return nil
  }

  /// Returns a question with the formula after it; throws if either is damaged. The first 100 ms of both are ready.
  mutating func clip(_ question: Clip, then formula: Clip) throws -> PreparedClip {
    PreparedClip(try clip(question), then: try clip(formula), after: kit.manifest.answers.pause * 48)
  }

  /// Returns a clip; reads and verifies it now if the cache does not hold it.
  mutating func clip(_ clip: Clip) throws -> PreparedClip {
    if let ready = clips[clip.file] { return ready }
    let prepared = try PreparedClip(try kit.bytes(of: clip), frames: clip.frames)
    clips[clip.file] = prepared
    return prepared
  }
}
