import ArgumentParser
import KitBuilder
import Project

/// The reviewer's name, key and expiry date.
struct ReviewerOption: ParsableArguments {
  @Option(name: .customLong("by"), help: ArgumentHelp("The reviewer's name.", valueName: "NAME"))
  var name: String

  @Option(
    help: ArgumentHelp(
      "Prove the name with the reviewer's own secret key ('firstword keygen' creates one).", valueName: "NAME.key"))
  var key: String?

  // The earlier name of --key.
  @Option(name: .customLong("sign"), help: .hidden)
  var former: String?

  var sign: String? { key ?? former }

  @Option(
    name: .customLong("expires"),
    help: ArgumentHelp("The last day on which the approval counts. Default: no limit.", valueName: "YYYY-MM-DD"))
  var expires: String?

  func validate() throws {
    if key != nil && former != nil { throw ValidationError("--sign is the former name of --key; give --key alone") }
    if PersonName(name) == nil { throw ValidationError("--by takes a name with letters, on one line") }
    if let expires {
      if !Day.isDay(expires) { throw ValidationError("--expires takes a day such as 2027-05-01") }
      if expires < Day.today() { throw ValidationError("--expires \(expires) is in the past") }
    }
  }
}

extension Reviewer {
  /// Creates a reviewer; asks for the key's passphrase if it has one.
  ///
  /// - Parameter revokes: whether the reviewer only revokes approvals, which needs no key under any policy.
  init(
    _ option: ReviewerOption, _ project: ProjectOption, _ workspace: Workspace, cache: BuildCache? = nil,
    revokes: Bool = false
  ) throws {
    let key = try option.sign.map { try Terminal.secretKey($0) }
    do throws(ReviewerError) {
      try self.init(
        name: option.name, key: key, expires: option.expires, workspace: workspace, cache: cache, revokes: revokes)
    } catch {
      if error == .noKey {
        throw Failure.impossible(
          """
          \(project.path(ProjectFile.name)) has 'approvals: proved', so an approval without a key does not count: add \
          --key NAME.key ('firstword keygen' creates one)
          """)
      }
      throw Failure.impossible("\(error)")
    }
  }

  /// Reports that the reviewer's public key is new in the project.
  ///
  /// - Parameter path: the key's file; nil if it is not new.
  func remark(onNew path: String?) {
    guard let path else { return }
    Terminal.remark(
      "\(path)  new; it states that this key belongs to \(name): keep it only if you know that this is true")
  }
}
