import protobuf from "protobufjs/light.js";

const field = (id: number, type: string) => ({ id, type });
const repeated = (id: number, type: string) => ({ id, type, rule: "repeated" });

/**
 * The part of TensorFlow's schema that a SavedModel without checkpoint needs (tensorflow/core/protobuf/saved_model.proto,
 * meta_graph.proto; tensorflow/core/framework/graph.proto, node_def.proto, attr_value.proto, tensor.proto,
 * tensor_shape.proto, versions.proto).
 */
const { nested } = {
  nested: {
    SavedModel: {
      fields: { savedModelSchemaVersion: field(1, "int64"), metaGraphs: repeated(2, "MetaGraphDef") },
    },
    MetaGraphDef: { fields: { metaInfoDef: field(1, "MetaInfoDef"), graphDef: field(2, "GraphDef") } },
    MetaInfoDef: { fields: { tags: repeated(4, "string") } },
    GraphDef: { fields: { node: repeated(1, "NodeDef"), versions: field(4, "VersionDef") } },
    VersionDef: { fields: { producer: field(1, "int32"), minConsumer: field(2, "int32") } },
    NodeDef: {
      fields: {
        name: field(1, "string"),
        op: field(2, "string"),
        input: repeated(3, "string"),
        attr: { keyType: "string", type: "AttrValue", id: 5 },
      },
    },
    AttrValue: {
      oneofs: { value: { oneof: ["list", "s", "i", "f", "b", "type", "shape", "tensor"] } },
      fields: {
        list: field(1, "ListValue"),
        s: field(2, "bytes"),
        i: field(3, "int64"),
        f: field(4, "float"),
        b: field(5, "bool"),
        type: field(6, "int32"), // the enum DataType
        shape: field(7, "TensorShapeProto"),
        tensor: field(8, "TensorProto"),
      },
    },
    ListValue: { fields: { i: repeated(3, "int64") } },
    TensorShapeProto: { fields: { dim: repeated(2, "Dim") } },
    Dim: { fields: { size: field(1, "int64") } },
    TensorProto: {
      fields: {
        dtype: field(1, "int32"),
        tensorShape: field(2, "TensorShapeProto"),
        tensorContent: field(4, "bytes"), // little-endian
      },
    },
  },
};

export interface AttrValue {
  readonly list?: { readonly i: readonly number[] };
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: ShapeProto;
  readonly tensor?: {
    readonly dtype: number;
    readonly tensorShape: ShapeProto;
    readonly tensorContent: Uint8Array;
  };
}
export interface ShapeProto {
  readonly dim: readonly { readonly size: number }[];
}
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, AttrValue>>;
}

const GRAPH_VERSION = 1087; // GraphDef of TensorFlow 2.9, the oldest library used; newer ones read it too

const SavedModel = protobuf.Root.fromJSON({ nested }).lookupType("SavedModel");

/** The bytes of `saved_model.pb`, one graph under the tag "serve". */
export const savedModelBytes = (nodes: readonly NodeDef[]): Uint8Array =>
  SavedModel.encode({
    savedModelSchemaVersion: 1,
    metaGraphs: [
      {
        metaInfoDef: { tags: [SERVE] },
        graphDef: { node: nodes, versions: { producer: GRAPH_VERSION, minConsumer: 0 } },
      },
    ],
  }).finish();

export const SERVE = "serve";
