import Kit
import Opus

/// The inspection of a clip before it is installed: can it be decoded?
public enum ClipInspection {
  /// Returns a fault of a clip whose hash is correct: it cannot be decoded, or not to the number of frames in its
  /// manifest.
  public static func fault(in clip: Clip, _ bytes: [UInt8]) -> String? {
    do {
      let frames = try ClipDecoder.decode(bytes).count
      return frames == clip.frames ? nil : "it has \(frames) frames, its manifest says \(clip.frames)"
    } catch { return "\(error)" }
  }
}
