import Console
import Kit
import Playback

/// Clips at hand: verified, their heads decoded, so that a press has nothing left to do but play.
///
/// Holds every prompt of the current language and of its neighbours, where the next two presses may lead; what the
/// languages say that introduce themselves next; and the operator's voice: about 6 MB with forty prompts and languages.
/// A clip is read from the kit, and checked against its SHA-256, before a byte of it is decoded.
struct Shelf {
  private let kit: PlayableKit
  private var clips: [String: PreparedClip] = [:]
  /// Still to be made ready, the most wanted last.
  private var wanted: [Clip] = []
  /// What it was last stocked for.
  private var language: String?
  private var introductions: [String] = []

  /// Begins with where the first press can lead.
  init(_ kit: PlayableKit, around language: String? = nil, introductions: [String]) {
    self.kit = kit
    fill(language, introductions)
  }

  /// Everything wanted is at hand.
  var isStocked: Bool { wanted.isEmpty }

  /// From now on these are wanted, and no others.
  mutating func stock(around language: String?, introductions: [String]) {
    if language != self.language || introductions != self.introductions { fill(language, introductions) }
  }

  private mutating func fill(_ language: String?, _ introductions: [String]) {
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
      all += [Said.languageName, Said.raiseHand].compactMap { kit.bundle(tag)?.clip($0) }
    }
    all += speaker.flatMap(kit.bundle)?.clips.filter { forResponder.contains($0.prompt) } ?? []
    let files = Set(all.map(\.file))
    clips = clips.filter { files.contains($0.key) }
    wanted = all.filter { clips[$0.file] == nil }.reversed()
  }

  /// Makes one clip ready: one at a time, so that a press waits for one at the most.
  mutating func prepareNext() {
    guard let clip = wanted.popLast() else { return }
    // One that cannot be made ready is told when it is asked for.
    _ = try? self.clip(clip)
  }

  /// The clip, read and checked now if it is not at hand.
  mutating func clip(_ clip: Clip) throws -> PreparedClip {
    if let ready = clips[clip.file] { return ready }
    let prepared = try PreparedClip(try kit.bytes(of: clip))
    clips[clip.file] = prepared
    return prepared
  }
}
