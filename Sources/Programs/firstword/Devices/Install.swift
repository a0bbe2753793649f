import ArgumentParser
import Kit
import Opus
import Store

struct Install: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring a kit onto a device: verified whole, or not at all.",
    discussion: """
      Copies the kit into the device's store, hashes and decodes every clip where it then lies, and makes it the one \
      that is played. The kit before it is kept: 'firstword store rollback' goes back. Cut the power whenever you \
      like: the old kit or the new one is there.

        firstword store trust publisher.pub      # once; compare its id with the publisher's
        firstword install shelter-1.1.kit

      A running firstwordd is notified and changes kits between two messages. A DRAFT is played only by a firstwordd with \
      --allow-draft on a board for trials; any other goes on with the last kit that is none.

      Exit status: 0 installed; 1 the kit is refused (damaged, not trusted, DRAFT, older, recalled); 2 it could not be \
      done.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @OptionGroup var store: StoreOption

  @Flag(help: "A DRAFT kit too, for a trial. No device for field use plays it.")
  var allowDraft = false

  @Flag(help: "A version too that is older than one that was here.")
  var allowDowngrade = false

  @Flag(help: "Only bring it in: 'firstword store activate' has it played.")
  var keepActive = false

  @Flag(help: "JSON output.")
  var json = false

  private struct Report: Encodable {
    /// The kit's name.
    var kit: String
    var version: String
    /// The SHA-256 of its kit.json.
    var sha256: String
    /// The name of its file in the store.
    var file: String
    var draft: Bool
    /// Whether it is the active kit from now on.
    var active: Bool
    /// Whether the running daemon plays it; absent if none runs, or it does not say.
    var accepted: Bool?
    /// The number of its clips that are recalled, and not played.
    var recalledClips: Int
  }

  func run() throws {
    var options = Store.InstallOptions()
    (options.allowDraft, options.allowDowngrade, options.activate) = (allowDraft, allowDowngrade, !keepActive)
    var progress = Terminal.Progress("verified")
    let installed: StoreState.Installed
    do {
      defer { progress.end() }
      installed = try store.doing {
        try $0.install(kit, options, inspect: Self.fault(in:_:)) { progress.show($0, of: $1) }
      }
    }
    let state = try store.doing { try $0.state() }
    let played = state.active == installed.file
    let file = try openKit(kit)
    let recalled = state.recalledClips(of: file)
    let silent = file.bundles.reduce(0) { $0 + $1.clips.filter { recalled.contains($0.sha256) }.count }
    if played { store.tellDaemon() }
    if json {
      return try printJSON(
        Report(
          kit: installed.name, version: installed.version, sha256: installed.sha256, file: installed.file,
          draft: installed.draft, active: played,
          accepted: store.daemonAcceptsDrafts.map { $0 || !installed.draft }, recalledClips: silent))
    }
    print(
      "\(installed.label)  installed, and "
        + (played ? store.fate(of: installed) : "not played: \(state.active ?? "none") is"))
    if silent > 0 { Terminal.remark("\(silent) of its clips were recalled and are not played") }
  }

  /// What is wrong with a clip whose hash is right: it must be decoded to as many frames as the manifest says.
  private static func fault(in clip: Clip, _ bytes: [UInt8]) -> String? {
    do {
      let frames = try ClipDecoder.decode(bytes).count
      return frames == clip.frames ? nil : "it has \(frames) frames, its manifest says \(clip.frames)"
    } catch { return "\(error)" }
  }
}
