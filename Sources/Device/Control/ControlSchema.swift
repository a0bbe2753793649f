/// `control.schema.json`, as it stands beside this file: JSON Schema, draft 2020-12.
public enum ControlSchema {
  public static var text: String { String(decoding: PackageResources.control_schema_json, as: UTF8.self) }
}
