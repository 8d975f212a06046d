// better-sqlite3 13 keeps references to strings, which Node-API allows from version 10 on. On version 9 (Electron before
// 36, Node 20) a reference holds objects, functions and symbols only, so other values are kept inside a small object.
#pragma once
#include <node_api.h>
#include <mutex>
#include <unordered_set>

namespace node_api_9 {
inline std::mutex& guard() { static std::mutex m; return m; }
inline std::unordered_set<napi_ref>& boxes() { static std::unordered_set<napi_ref> s; return s; }

inline napi_status create(napi_env env, napi_value value, uint32_t count, napi_ref* result) {
  napi_valuetype type;
  napi_status status = napi_typeof(env, value, &type);
  if (status != napi_ok) return status;
  if (type == napi_object || type == napi_function || type == napi_symbol || type == napi_external)
    return napi_create_reference(env, value, count, result);
  napi_value box;
  if ((status = napi_create_object(env, &box)) != napi_ok) return status;
  if ((status = napi_set_named_property(env, box, "value", value)) != napi_ok) return status;
  if ((status = napi_create_reference(env, box, count, result)) != napi_ok) return status;
  std::lock_guard<std::mutex> lock(guard());
  boxes().insert(*result);
  return napi_ok;
}

inline napi_status read(napi_env env, napi_ref ref, napi_value* result) {
  napi_status status = napi_get_reference_value(env, ref, result);
  if (status != napi_ok || *result == nullptr) return status;
  {
    std::lock_guard<std::mutex> lock(guard());
    if (boxes().count(ref) == 0) return napi_ok;
  }
  return napi_get_named_property(env, *result, "value", result);
}

inline napi_status remove(napi_env env, napi_ref ref) {
  {
    std::lock_guard<std::mutex> lock(guard());
    boxes().erase(ref);
  }
  return napi_delete_reference(env, ref);
}
}  // namespace node_api_9

#define napi_create_reference node_api_9::create
#define napi_get_reference_value node_api_9::read
#define napi_delete_reference node_api_9::remove
