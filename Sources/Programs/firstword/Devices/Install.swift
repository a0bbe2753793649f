import ArgumentParser
import Diagnostics
import Image
import Kit
import Store

struct Install: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Install a kit on a device, after verifying all of it.",
    discussion: """
      Copies the kit into the device's store, verifies the hash of every clip of the copy and decodes it, and makes the \
      kit the active one. The previous kit is kept: 'firstword store rollback' returns to it. After a power cut at any \
      moment the old kit or the new one is installed.

        firstword store trust publisher.pub      # once; compare its id with the publisher's
        firstword install shelter-1.1.kit

      On a device the store belongs to root. A member of the group firstword installs through the spool: the kit is put \
      into /var/spool/firstword, root's firstword-store.service verifies it again and installs it, and this command waits \
      for the result. Only root uses --allow-draft, --allow-downgrade and --keep-active there.

      A running firstwordd is notified and changes kits between two messages. A DRAFT is played only by a firstwordd with \
      --allow-draft on a board in trial use; any other plays the last kit that is no DRAFT.

      The spool does not bring back a version from which root has gone back with 'firstword store rollback' or 'store \
      activate': see 'firstword store rollback --help'. Root installs it.

      Exit status: 0 installed; 1 the kit is refused (damaged, not trusted, DRAFT, older, recalled, \
      held back); 2 failed.
      """)

  @Argument(help: "The kit.")
  var kit: String

  @OptionGroup var store: StoreOption

  @Flag(help: "Accept a DRAFT kit, for a trial. No device in field use plays it.")
  var allowDraft = false

  @Flag(help: "Accept a version that is older than one that was installed.")
  var allowDowngrade = false

  @Flag(help: "Install it without making it active; 'firstword store activate' does that.")
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
    let spool = store.spool
    let name = try spool.map { try deliver(through: $0) } ?? installHere()
    let state = try store.doing { try $0.state() }
    guard let installed = state.kit(named: name) else {
      throw Failure.impossible("\(kit): installed, and removed again by another command")
    }
    let played = state.active == installed.file
    let file = try openKit(kit)
    let recalled = state.recalledClips(of: file)
    let silent = file.bundles.reduce(0) { $0 + $1.clips.filter { recalled.contains($0.sha256) }.count }
    // Root's service notifies it itself.
    if played && spool == nil { store.tellDaemon() }
    if json {
      return try printJSON(
        Report(
          kit: installed.name, version: installed.version, sha256: installed.sha256, file: installed.file,
          draft: installed.draft, active: played,
          accepted: store.daemonAcceptsDrafts.map { $0 || !installed.draft }, recalledClips: silent))
    }
    print(
      """
      \(installed.label)  installed, and \
      \(played ? store.fate(of: installed) : "not played: \(state.active ?? "none") is")
      """)
    if silent > 0 {
      Terminal.remark("\(counted(silent, "of its clips was", "of its clips were")) recalled and not played")
    }
  }

  /// Installs the kit in the store.
  ///
  /// - Returns: the name of its file there.
  private func installHere() throws -> String {
    var options = Store.InstallOptions()
    (options.allowDraft, options.allowDowngrade, options.activate) = (allowDraft, allowDowngrade, !keepActive)
    options.allowHeldBack = true
    var progress = Terminal.Progress("verified")
    defer { progress.end() }
    return try store.doing {
      try $0.install(kit, options, inspect: ClipInspection.fault) { progress.show($0, of: $1) }.file
    }
  }

  /// Has the kit installed by root's service.
  ///
  /// - Returns: the name of its file in the store.
  private func deliver(through spool: Spool) throws -> String {
    if allowDraft || allowDowngrade || keepActive {
      throw Failure.impossible(
        "only root uses --allow-draft, --allow-downgrade and --keep-active on this device: use sudo")
    }
    return try store.deliver(kit, as: .kit, through: spool).kit ?? ""
  }
}
