import ArgumentParser
import Catalogue
import Diagnostics
import Glibc
import Import
import KitBuilder
import Posix
import Project

/// Imports a file that a page of a speaker or reviewer saved.
struct ReturnImport {
  let from: String
  let project: String
  let voice: String?
  let replaces: Bool
  let asks: Bool
  let isDryRun: Bool
  let isJSON: Bool
  let load: () throws -> Workspace

  func run() throws {
    let workspace = try load()
    let file = try PostReturn(from)
    let source = try Source(from)
    let plan = try plan(file, source, workspace)
    let view = ReturnView(plan, file, catalogue: workspace.catalogue)
    if !isJSON { view.show() }
    var imported: [ImportRecord] = []
    let isDone = !isDryRun && !plan.isEmpty
    if isDone {
      try agree(view)
      imported = try carryOut(plan, file, source, workspace)
    }
    if isJSON {
      try printJSON(ReturnReport(plan, file, isDone: isDone))
    } else if isDone {
      print(view.result(imported))
      if case .new = plan.trust { remark(onKeyOf: file) }
      if case .seen = plan.trust { remark(onKeyOf: file) }
    } else if plan.isEmpty {
      print("Nothing to import.")
    }
    if !plan.takes.open.isEmpty { throw ExitCode(1) }
  }

  private func remark(onKeyOf file: PostReturn) {
    Terminal.remark(
      """
      nobody has vouched for the key \(file.key.id): let \(file.content.name) tell you its number, then \
      'firstword vouch NUMBER --project \(project)'
      """)
  }

  private func plan(_ file: PostReturn, _ source: Source, _ workspace: Workspace) throws -> ReturnPlan {
    func path(_ name: String) -> String { Path(project).appending(name).string }
    var progress = Terminal.Progress("read")
    defer { progress.end() }
    return try ReturnPlanner(
      workspace, post: PostLedger.read(path(PostLedger.name)), imports: ImportLedger.read(path(ImportLedger.name)),
      voice: voice, replaces: replaces
    ).plan(file, source) { progress.show($0, of: file.content.takes.count) }
  }

  private func agree(_ view: ReturnView) throws {
    if !asks { return }
    guard Terminal.canAsk else {
      throw Failure.impossible("cannot ask about \(view.summary) without a terminal; check the plan, then use --yes")
    }
    guard Terminal.confirm("Import \(view.summary) into \(project)?") else {
      throw Failure.wrong("nothing was changed")
    }
  }

  private func carryOut(
    _ plan: ReturnPlan, _ file: PostReturn, _ source: Source, _ workspace: Workspace
  ) throws -> [ImportRecord] {
    let lock = try lockProject(project)
    defer { lock.end() }
    _ = try ImportTransaction(project).recover()
    // Another program may have changed the project during the question.
    let now = try load()
    guard now.keepsReturn(madeOf: workspace) else {
      throw Failure.impossible(
        "\(project) has changed since the plan was made; nothing was imported; run the command again")
    }
    let signals = try FileDescriptor.signals([SIGINT, SIGTERM, SIGHUP])
    var progress = Terminal.Progress("copied")
    defer { progress.end() }
    return try ReturnTransaction(project).carryOut(
      plan, file, source, tags: workspace.catalogue.languages.map(\.tag)
    ) { done in
      if signals.takeSignal() != nil { throw Failure.impossible("interrupted: no recording was imported") }
      progress.show(done, of: plan.takes.placed.count)
    }
  }
}
