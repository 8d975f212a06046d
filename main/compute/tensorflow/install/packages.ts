import type { EngineOffer, EngineVariant } from "../../../../preload/contract/engine.ts";
import { sure } from "../../../../preload/contract/sure.ts";

/** A file of PyPI, pinned by the checksum that its index gives. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly take: readonly string[]; // beginnings of the names that are unpacked
}

const HEADERS = ["tensorflow/c/", "tensorflow/core/platform/", "tsl/", "xla/tsl/"].map(
  (folder) => `tensorflow/include/${folder}`,
);
const LIBRARY = [
  "tensorflow/libtensorflow_cc.so.2",
  "tensorflow/libtensorflow_framework.so.2",
  "tensorflow/THIRD_PARTY_NOTICES.txt",
  "tensorflow/include/LICENSE",
  ...HEADERS,
];

const nvidia = (part: string, version: string, bytes: number, sha256: string): Wheel => ({
  name: `nvidia-${part.replaceAll("_", "-")}-cu12`,
  version,
  sha256,
  bytes,
  take: ["nvidia/", `nvidia_${part}_cu12-`],
});

/** What `pip install tensorflow[and-cuda]==2.21.0` would take, as far as the library itself loads it. */
const wheels: Readonly<Record<EngineVariant, readonly Wheel[]>> = {
  cpu: [
    {
      name: "tensorflow-cpu",
      version: "2.18.1",
      sha256: "8e0f27dbd92c6d380ae0ccfe73c7343f65c127b0aa98467c30c2e71eda7c76a4",
      bytes: 230_350_167,
      take: LIBRARY,
    },
  ],
  cuda: [
    {
      name: "tensorflow",
      version: "2.21.0",
      sha256: "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
      bytes: 572_611_111,
      take: LIBRARY,
    },
    nvidia(
      "cublas",
      "12.9.3.13",
      581_217_458,
      "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72",
    ),
    nvidia(
      "cuda_cupti",
      "12.8.90",
      10_248_621,
      "ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182",
    ),
    nvidia(
      "cuda_nvcc",
      "12.9.86",
      40_546_229,
      "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0",
    ),
    nvidia(
      "cuda_nvrtc",
      "12.9.86",
      89_568_129,
      "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
    ),
    nvidia(
      "cuda_runtime",
      "12.9.79",
      3_493_179,
      "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
    ),
    nvidia(
      "cudnn",
      "9.28.0.42",
      716_538_495,
      "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375",
    ),
    nvidia(
      "cufft",
      "11.4.1.4",
      200_877_592,
      "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
    ),
    nvidia(
      "curand",
      "10.3.10.19",
      68_295_626,
      "49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e",
    ),
    nvidia(
      "cusolver",
      "11.7.5.82",
      338_117_415,
      "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
    ),
    nvidia(
      "cusparse",
      "12.5.10.65",
      366_465_088,
      "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
    ),
    nvidia("nccl", "2.32.3", 351_526_311, "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c"),
    nvidia(
      "nvjitlink",
      "12.9.86",
      39_748_338,
      "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
    ),
  ],
};

/** The JavaScript package whose C++ half is compiled against the library. */
export const binding = {
  package: "@tensorflow/tfjs-node@4.22.0",
  integrity:
    "sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==",
  sources: ["tfjs_backend.cc", "tfjs_binding.cc"],
} as const;

export const wheelsOf = (variant: EngineVariant): readonly Wheel[] => wheels[variant];

const LICENCES: Readonly<Record<EngineVariant, string>> = {
  cpu: "Apache-2.0",
  cuda: "Apache-2.0, with NVIDIA's libraries under the NVIDIA Software License (proprietary)",
};
export const licenceOf = (variant: EngineVariant): string => LICENCES[variant];

/** What stays on the disk. */
const KEPT_BYTES: Readonly<Record<EngineVariant, number>> = { cpu: 684_000_000, cuda: 5_690_000_000 };

/** PyPI's builds are newer; their libraries can be linked against on Linux x64. */
export const fromPypiHere = process.platform === "linux" && process.arch === "x64";

export function offerOf(variant: EngineVariant): EngineOffer {
  const licence = licenceOf(variant);
  const all = wheelsOf(variant);
  const downloadBytes = all.reduce((total, { bytes }) => total + bytes, 0);
  return {
    variant,
    version: sure(all[0]).version,
    downloadBytes,
    diskBytes: downloadBytes + KEPT_BYTES[variant],
    licence,
  };
}

export const offersHere = (): EngineOffer[] => (fromPypiHere ? (["cpu", "cuda"] as const).map(offerOf) : []);
