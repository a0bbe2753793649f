import Kit
import Playback

/// Clips at hand: verified, their heads decoded, so that a press has nothing left to do but play.
///
/// Holds what was used last; a kit is read again where the shelf has nothing.
struct Shelf {
  /// Enough for three languages of forty prompts: about 4 MB.
  static let most = 120

  private let kit: KitFile
  private var clips: [String: PreparedClip] = [:]
  private var order: [String] = []

  init(_ kit: KitFile) { self.kit = kit }

  /// The clip, read and checked against its SHA-256 if it is not at hand.
  mutating func clip(_ clip: Clip) throws -> PreparedClip {
    if let ready = clips[clip.file] { return ready }
    let prepared = try PreparedClip(try kit.bytes(of: clip))
    clips[clip.file] = prepared
    order.append(clip.file)
    if order.count > Self.most { clips[order.removeFirst()] = nil }
    return prepared
  }
}
