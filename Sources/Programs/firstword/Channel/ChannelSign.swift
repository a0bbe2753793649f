import ArgumentParser
import ChannelPublisher
import Diagnostics
import Kit
import Posix

extension ChannelCommand {
  struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign what waits, and publish what is complete.",
      discussion: """
        With --key, signs every draft that the key may sign. Carry DIR from person to person, or the person to DIR: no \
        network is needed. What has its signatures is published as soon as a key of snapshot and timestamp is given too.

          firstword channel sign web --key anna.key
          firstword channel sign web --key kits.key --key online.key

        With --online, only publishes and keeps the channel fresh, as a daily job. It prints nothing if all is well:

          17 3 * * *  firstword channel sign /srv/web --online --key /srv/online.key

        Exit status: 0 done, or nothing to do; 1 refused, or with --online: a person must sign soon, or no key given is \
        one of snapshot or timestamp; 2 failed.
        """)

    @OptionGroup var channel: ChannelOption

    @Option(help: ArgumentHelp("A secret key; may be given again.", valueName: "NAME.key"))
    var key: [String]

    @Option(help: ArgumentHelp("Sign only this role's draft.", valueName: "ROLE"))
    var role: String?

    @Flag(help: "Sign no draft; publish and keep fresh.")
    var online = false

    func validate() throws {
      if online && role != nil { throw ValidationError("--role goes with signing drafts, not with --online") }
      if key.isEmpty { throw ValidationError("use --key NAME.key") }
    }

    func run() throws {
      let signers = try key.map { ChannelFolder.Signer(name: Path($0).stem, key: try Terminal.secretKey($0)) }
      let folder = try channel.open()
      if online { return try runJob(folder, signers.map(\.key)) }
      let outcome = try changing { try folder.sign(with: signers, only: role, now: .now) }
      for (name, signed) in outcome.signed {
        let rest = signed.lacking == 0 ? "complete" : "\(signed.lacking) more needed"
        print("\(signed.role) \(signed.version)  signed with \(name), \(rest)")
      }
      if !outcome.published.isEmpty { print("published: \(outcome.published.joined(separator: ", "))") }
      if let failure = outcome.failure { throw Failure.wrong("\(failure)") }
      showTasks(folder)
    }

    private func runJob(_ folder: ChannelFolder, _ keys: [SecretKey]) throws {
      if !keys.contains(where: folder.isOnline) {
        throw Failure.wrong(
          "\(key.joined(separator: ", ")): signs neither snapshot nor timestamp of \(channel.directory); 'firstword channel "
            + "status' names the keys that do")
      }
      try changing { _ = try folder.publish(signedBy: keys, now: .now) }
      let status = folder.status(now: .now)
      if let task = status.tasks.first, status.isUrgent { throw Failure.wrong("\(channel.directory): \(task)") }
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show roles, keys, what is offered, and what people must do.",
      discussion: "Exit status: 0 nothing is urgent; 1 metadata has expired or will within days; 2 failed.")

    @OptionGroup var channel: ChannelOption

    @Flag(help: "JSON output.")
    var json = false

    func run() throws {
      let status = try channel.open().status(now: .now)
      if json {
        try printJSON(status)
      } else {
        show(status)
      }
      if status.isUrgent { throw ExitCode(1) }
    }

    private func show(_ status: ChannelStatus) {
      var roles = Table(["role", "version", "until", "keys", "next", "signed by"], numbers: [1, 4])
      for role in status.roles {
        let keys = "\(role.threshold) of \(role.keys.joined(separator: ", "))"
        let draft = role.draft.map(String.init) ?? ""
        roles.add([
          role.name, role.version.map(String.init) ?? "-", role.expires ?? "", keys, draft,
          role.signed.joined(separator: ", "),
        ])
      }
      roles.print()
      print("")
      var targets = Table(["file", "role", "size", "kit", "devices", "state"], numbers: [2])
      for target in status.targets {
        let share = target.percent.map { "\($0) %\(target.paused == true ? ", paused" : "")" } ?? ""
        targets.add([
          target.path, target.role, megabytes(target.size), target.kit ?? "", share, target.state.rawValue,
        ])
      }
      if status.targets.isEmpty {
        print("nothing is offered yet; 'firstword channel add' offers a kit")
      } else {
        targets.print()
      }
      for task in status.tasks { Terminal.remark("next: \(task)") }
    }
  }
}
