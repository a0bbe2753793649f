import KitBuilder

/// A file of a source, or a piece of it, for a person to hear.
public struct SourcePreview: Sendable {
  /// The content of the sound file.
  public var bytes: [UInt8]
  /// Its media type.
  public var type: String
}

extension Source {
  /// Makes a file, or a piece of it, audible: levelled and encoded as a listener will hear it, or as it is where nobody
  /// speaks.
  ///
  /// - Parameters:
  ///   - row: a row of a plan.
  ///   - piece: in seconds; nil for the row's own file as a whole.
  ///   - workspace: the project, for the level and the encoding.
  public func preview(
    of row: ImportPlan.Row, _ piece: Range<Double>?, in workspace: Workspace
  ) throws -> SourcePreview {
    let recording = try recording(of: row)
    let heard = piece.map(recording.cut) ?? recording
    if heard.duration <= Double(Recording.longest) {
      let tags = ClipTags(
        title: row.prompt?.title ?? "", language: row.language ?? "und", voice: row.voice ?? "",
        prompt: row.prompt?.id ?? "", status: "DRAFT", synthetic: false)
      if let clip = try? ClipPipeline(workspace).mastering.clip(heard, tags: tags, serial: 1) {
        return SourcePreview(bytes: clip.bytes, type: "audio/ogg")
      }
    }
    return SourcePreview(bytes: WaveFile.bytes(heard.samples[...], rate: heard.rate), type: "audio/wav")
  }
}
