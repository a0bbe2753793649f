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
  /// Clips to prepare, the most urgent last.
  private var missing: [Clip] = []
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
    var all: [Clip] = []
    if !bundles.isEmpty {
      let current = bundles.firstIndex { $0.tag == language }
      let next = current.map { ($0 + 1) % bundles.count } ?? 0
      let previous = ((current ?? 0) + bundles.count - 1) % bundles.count
      var near: [Int] = []
      for index in [current, next, previous] { if let index, !near.contains(index) { near.append(index) } }
      all = near.flatMap { bundles[$0].clips.filter { !forResponder.contains($0.prompt) } }
    }
    for tag in introductions {
      // In every form: the responder may change the answer mode.
      all += kit.bundle(tag)?.clips.filter { Self.introductions.contains($0.prompt) } ?? []
    }
    all += speaker.flatMap(kit.bundle)?.clips.filter { forResponder.contains($0.prompt) } ?? []
    let files = Set(all.map(\.file))
    clips = clips.filter { files.contains($0.key) }
    missing = all.filter { clips[$0.file] == nil }.reversed()
  }

  /// Prepares one clip: only one, so that a press waits for one at most.
  mutating func prepareNext() {
    guard let clip = missing.popLast() else { return }
    // A clip that cannot be prepared is reported when it is requested.
    _ = try? self.clip(clip)
  }

  /// Returns a clip, and the formula after it if it has one; throws if either is damaged.
  mutating func clip(_ clip: Clip, then formula: Clip?) throws -> PreparedClip {
    let question = try self.clip(clip)
    guard let formula else { return question }
    return PreparedClip(question, then: try self.clip(formula), after: kit.manifest.answers.pause * 48)
  }

  /// Returns a clip; reads and verifies it now if the cache does not hold it.
  mutating func clip(_ clip: Clip) throws -> PreparedClip {
    if let ready = clips[clip.file] { return ready }
    let prepared = try PreparedClip(try kit.bytes(of: clip), frames: clip.frames)
    clips[clip.file] = prepared
    return prepared
  }
}
